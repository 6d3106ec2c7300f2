"""What all tests share: compiled programs are kept, however short their compilation, so that a second run is quick."""

import jax

jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
