"""Every numbered item of the main body of Fallah et al. (2020), in the paper's order, and where each is found here."""

from mamllib.statements.items import Item

FIRST_CHAPTER = "book/fallah2020/01_what_maml_optimises"
OBJECTIVES = (
    Item("Equation (1)", "equation", "f(w) = E_i f_i(w), the average loss", ("mamllib.TaskFamily.expect",)),
    Item("Equation (2)", "equation", "F(w) = E_i f_i(w − α∇f_i(w)), what MAML optimises", ("mamllib.meta_loss",)),
    Item(
        "Equation (3)",
        "equation",
        "F̂(w) = E_i E_𝒟 f_i(w − α∇̃f_i(w, 𝒟)), with a sampled inner step",
        ("mamllib.sampled_meta_loss",),
    ),
    Item("Figure 1", "figure", "minimisers of (1) and (2) for three tasks, a sketch, computed here", (FIRST_CHAPTER,)),
    Item(
        "Table 1",
        "table",
        "accuracy, iterations and cost of the three algorithms, and their K-shot accuracy",
        (
            "fallah2020/table_1_maml",
            "fallah2020/table_1_fo_maml",
            "fallah2020/table_1_hf_maml",
            "fallah2020/table_1_taylor",
        ),
    ),
)
ALGORITHMS = (
    Item(
        "Equation (4)",
        "equation",
        "w − α∇̃f_i(w, 𝒟_in), the sampled inner step",
        ("mamllib.estimators.adapted_gradient",),
    ),
    Item("Equation (5)", "equation", "the update of MAML, three independent batches a task", ("mamllib.maml",)),
    Item("Algorithm 1", "algorithm", "MAML", ("mamllib.training.train", "mamllib.maml")),
    Item("Equation (6)", "equation", "gradient descent on F", ("mamllib.meta_gradient",)),
    Item(
        "Equation (7)",
        "equation",
        "the same for a batch of tasks, with exact gradients",
        ("mamllib.task_meta_gradient",),
    ),
    Item("Equation (8)", "equation", "the update of FO-MAML, without the Hessian factor", ("mamllib.fo_maml",)),
    Item("Algorithm 2", "algorithm", "first-order MAML (FO-MAML)", ("mamllib.training.train", "mamllib.fo_maml")),
    Item(
        "Equation (9)",
        "equation",
        "the error of a central difference for a Hessian-vector product",
        ("fallah2020/equation_9", "fallah2020/equation_9_halved"),
    ),
    Item("Equation (10)", "equation", "the update of HF-MAML", ("mamllib.hf_maml",)),
    Item(
        "Equation (11)",
        "equation",
        "its central difference along the adapted gradient",
        ("mamllib.estimators.central_difference",),
    ),
    Item("Algorithm 3", "algorithm", "Hessian-free MAML (HF-MAML)", ("mamllib.training.train", "mamllib.hf_maml")),
)
ASSUMPTIONS = (
    Item(
        "Definition 4.1",
        "definition",
        "w_ε is an ε-approximate first-order stationary point of (2): E‖∇F(w_ε)‖ ≤ ε",
        ("mamllib.meta_gradient", "fallah2020/corollary_4_13"),
    ),
    Item(
        "Assumption 4.2",
        "assumption",
        "F is bounded below and Δ = F(w₀) − min F is finite",
        ("F(w₀) − min F ≤ Δ",),
    ),
    Item("Assumption 4.3", "assumption", "every ∇f_i is L-Lipschitz", ("f_i is L-smooth",)),
    Item("Assumption 4.4", "assumption", "every ∇²f_i is ρ-Lipschitz", ("Hessian is ρ-Lipschitz",)),
    Item("Assumption 4.5", "assumption", "(12): E_i‖∇f_i(w) − ∇f(w)‖² ≤ σ² at every w", ("task deviation ≤ σ",)),
    Item(
        "Assumption 4.6",
        "assumption",
        "(13), (14): sampled gradients deviate by at most σ̃, sampled Hessians by at most σ_H",
        ("sample deviation ≤ σ̃", "sample Hessian deviation ≤ σ_H"),
    ),
    Item(
        "Assumption 4.7",
        "assumption",
        "ρα/L = O(1) and σ² + σ̃² = O(1); the general forms keep both",
        ("fallah2020/theorem_4_12", "fallah2020/theorem_4_15", "fallah2020/theorem_4_17_repair"),
    ),
)
CHALLENGES = (
    Item(
        "Lemma 4.8",
        "lemma",
        "(15): F is smooth between w and u with min{L(w), L(u)}, L(w) = 4L + 2ρα E_i‖∇f_i(w)‖",
        ("fallah2020/lemma_4_8", "fallah2020/lemma_4_8_any_alpha", "fallah2020/descent"),
    ),
    Item(
        "Equation (16)",
        "equation",
        "L̃(w), the estimate of L(w) from a batch of tasks",
        ("mamllib.step_sizes.estimated_smoothness",),
    ),
    Item("Equation (17)", "equation", "β̃(w) = 1/L̃(w), the outer step", ("mamllib.step_sizes.EstimatedStep",)),
    Item(
        "Lemma 4.9",
        "lemma",
        "(18), (19): with batches large enough, E β̃ ≥ 0.8/L(w) and E β̃² ≤ 3.125/L(w)²",
        (
            "fallah2020/lemma_4_9_first_moment",
            "fallah2020/lemma_4_9_mean_step",
            "fallah2020/lemma_4_9_second_moment",
            "fallah2020/lemma_4_9_second_moment_lowered",
        ),
    ),
    Item(
        "Lemma 4.10",
        "lemma",
        "(20), (21): bias and second moment of the gradient after a sampled inner step",
        (
            "fallah2020/lemma_4_10_bias",
            "fallah2020/lemma_4_10_second_moment",
            "fallah2020/lemma_4_10_taylor",
            "fallah2020/lemma_4_10_quadratic",
        ),
    ),
    Item(
        "Theorem 4.11",
        "theorem",
        "(22): ‖∇F̂(w) − ∇F(w)‖ ≤ 2αLσ̃/√D_test + α²Lσ_Hσ̃/D_test",
        ("fallah2020/theorem_4_11", "fallah2020/theorem_4_11_pythagorean", "fallah2020/theorem_4_11_taylor"),
    ),
)
CONVERGENCE = (
    Item(
        "Theorem 4.12",
        "theorem",
        "(23), (24): the accuracy that MAML reaches, and the iterations it takes",
        (
            "fallah2020/theorem_4_12",
            "fallah2020/theorem_4_12_mean",
            "fallah2020/auxiliary_inequality",
            "fallah2020/auxiliary_inequality_l2",
        ),
    ),
    Item(
        "Corollary 4.13",
        "corollary",
        "(25): batches for which MAML finds an ε-approximate stationary point",
        ("fallah2020/corollary_4_13",),
    ),
    Item(
        "Remark 4.14",
        "remark",
        "‖∇F‖ and ‖∇F̂‖ are of one order where D_test ≥ D_in and σ_H is not much larger than σ̃",
        ("fallah2020/remark_4_14",),
    ),
    Item(
        "Theorem 4.15",
        "theorem",
        "(26): the accuracy that FO-MAML reaches, with α²L²σ² more under the root",
        ("fallah2020/theorem_4_15", "fallah2020/first_order_floor", "fallah2020/first_order_floor_sampled"),
    ),
    Item(
        "Corollary 4.16",
        "corollary",
        "(27): batches for which FO-MAML reaches an accuracy of order ασL",
        ("fallah2020/corollary_4_16",),
    ),
    Item(
        "Theorem 4.17",
        "theorem",
        "(28), (29): HF-MAML with δ = 1/(6ρα‖g‖) reaches what MAML reaches",
        (
            "fallah2020/theorem_4_17",
            "fallah2020/theorem_4_17_floor",
            "fallah2020/hessian_free_floor",
            "fallah2020/theorem_4_17_proposition",
            "fallah2020/theorem_4_17_printed_step",
            "fallah2020/theorem_4_17_repair",
            "fallah2020/theorem_4_17_repair_mean",
        ),
    ),
)
ITEMS = (*OBJECTIVES, *ALGORITHMS, *ASSUMPTIONS, *CHALLENGES, *CONVERGENCE)
