"""The images: what is seen and unseen, and what is said where they are not to be had."""

import numpy as np
import pytest

from mamllib import measured
from mamllib.few_shot import ARMS
from mamllib.few_shot import characters as sets
from mamllib.few_shot.characters import FOLDER, NoCharactersError, load, rotated, split


def test_no_alphabet_is_both_seen_and_unseen(characters):
    training, test = characters
    seen = {name.split(",")[0] for name in training.names}
    assert seen & set(test.names) == set()
    assert test.names == ("Japanese_(katakana)", "Sanskrit", "Tagalog")
    assert list(np.bincount(test.alphabet)) == [47, 42, 17]


def test_alphabets_left_in_both_would_be_seen(characters, monkeypatch):
    monkeypatch.setattr(sets, "IN_BOTH", ())
    training, test = split()
    assert {name.split(",")[0] for name in training.names} & set(test.names) == {"Greek", "Latin"}


def test_the_training_set(characters):
    training, _ = characters
    assert training.images.shape == (544, 20, 196)
    assert training.images.dtype == np.float32
    assert len(training.names) == 20
    assert len(np.unique(training.images.reshape(544, -1), axis=0)) == 544


def test_four_quarter_turns_are_none(characters):
    _, test = characters
    turned = rotated(test).images.reshape(4, *test.images.shape[:2], 14, 14)
    for turns in range(4):
        np.testing.assert_array_equal(np.rot90(turned[turns], 4 - turns, axes=(2, 3)), turned[0])


def test_a_folder_without_the_files_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv(FOLDER, str(tmp_path))
    with pytest.raises(NoCharactersError, match=r"names a folder without images_background_small1\.zip"):
        load("images_background_small1")


def test_another_file_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv(FOLDER, str(tmp_path))
    (tmp_path / "images_background_small1.zip").write_bytes(b"something else")
    with pytest.raises(ValueError, match="another sha256"):
        load("images_background_small1")


def test_without_a_network_it_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.delenv(FOLDER, raising=False)
    monkeypatch.setattr("pooch.os_cache", lambda _: tmp_path)
    monkeypatch.setattr(sets, "ADDRESS", "http://127.0.0.1:9/")
    with pytest.raises(NoCharactersError, match=rf"cannot be fetched \(.*; download it from .* in {FOLDER}"):
        load("images_background_small1")


def test_another_split_is_refused():
    with pytest.raises(ValueError, match="split = 'third' is not allowed"):
        split("third")


def test_the_table_holds_every_arm_and_seed_of_both_splits():
    table = measured.load("few_shot")
    counts = table.groupby(["split", "arm"]).seed.nunique()
    assert set(counts.index) == {(name, arm.name) for name in ("small2 unseen", "small1 unseen") for arm in ARMS}
    assert set(counts) == {20}
    assert not table.duplicated(["split", "arm", "seed"]).any()
