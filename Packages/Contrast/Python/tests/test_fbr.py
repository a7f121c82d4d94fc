"""Tests of the Python module: `python -m unittest discover Packages/Contrast/Python/tests`.

Against numbers of plain PyTorch (the package's golden file), against numbers from Swift where
FBR_NUMBERS names the folder a Swift test wrote them to, and by finite differences.
"""

import json
import os
import pathlib
import sys
import unittest

import numpy as np

PYTHON = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PYTHON))
import fbr  # noqa: E402

try:
    import torch
    import fbr.torch
except ImportError:
    torch = None

NUMBERS = os.environ.get("FBR_NUMBERS")
GOLDEN = PYTHON.parent / "Tests/ContrastTests/Golden/fbr.json"


def golden_cases():
    for case in json.loads(GOLDEN.read_text())["cases"]:
        tensors = {
            name: np.array(value["values"], np.float32).reshape(value["shape"])
            for name, value in case["tensors"].items()
        }
        yield case["name"], tensors


def batch(seed=0, images=2, size=6, depth=5, classes=3):
    """Embeddings, logits and labels of a small batch."""
    random = np.random.default_rng(seed)
    shape = images, size, size
    labels = np.ones((images, classes), np.float32)
    labels[0, -1] = 0
    return (
        random.uniform(0.1, 1, (*shape, depth)).astype(np.float32),
        random.uniform(0.1, 1, (*shape, depth)).astype(np.float32),
        random.normal(0, 2, (*shape, classes + 1)).astype(np.float32), labels,
        random.uniform(0.1, 1, (30, depth)).astype(np.float32),
    )


class Close(unittest.TestCase):
    def assertClose(self, found, expected, relative, message=None):
        scale = np.abs(expected).max(initial=0)
        np.testing.assert_allclose(
            found, expected, rtol=0, atol=relative * scale, err_msg=message or ""
        )


class GoldenTests(Close):
    """Numbers of plain PyTorch, written from the method's text."""

    def test_seed_map(self):
        for name, case in golden_cases():
            labels, scores = fbr.seed_map(case["logits"], case["y"], ignore=case["mask"] == 255)
            np.testing.assert_array_equal(labels, case["labels"], name)
            self.assertClose(scores, case["scores"], 1e-5, name)

    def test_info_nce(self):
        for name, case in golden_cases():
            features = case["zf"].reshape(-1, case["zf"].shape[-1])
            value, gradient = fbr.info_nce(
                features, case["queries"], case["queryClasses"],
                case["prototypes"].reshape(-1, features.shape[1]), case["prototypeClasses"],
                case["bank"], case["regionsDraws"],
            )
            self.assertClose(value, case["regions"], 1e-5, name)
            self.assertClose(
                gradient.reshape(case["zf"].shape), case["regionsGradient"], 1e-4, name
            )

    def test_loss(self):
        # Without anything to draw: a single background prototype, and the separation.
        settings = fbr.Configuration(
            background="prototype", prototype_divisor=8, intra_foreground_weight=0,
            foreground_background_weight=1, separation_weight=0.5,
        )
        for name, case in golden_cases():
            result = fbr.loss(
                case["zf"], case["zb"], case["logits"], case["y"], configuration=settings,
                ignore=case["mask"] == 255,
            )
            self.assertClose(result.foreground_background, case["single"], 1e-5, name)
            self.assertClose(result.separation, case["separation"], 1e-5, name)
            self.assertClose(
                result.gradient_foreground, case["singleGradient"] + 0.5 * case["separationZf"],
                1e-4, name,
            )
            self.assertClose(
                result.gradient_background, 0.5 * case["separationZb"], 1e-4, name
            )


@unittest.skipUnless(NUMBERS, "FBR_NUMBERS is not set: the Swift tests set it")
class SwiftTests(Close):
    """Numbers that the Swift packages computed from the same inputs, to the bit."""

    def load(self, name):
        return np.load(os.path.join(NUMBERS, name + ".npy"))

    def test_loss(self):
        result = fbr.loss(
            *(self.load(name) for name in ("zf", "zb", "logits", "labels", "bank")), seed=5, step=2
        )
        expected = self.load("losses")
        found = [
            result.total, result.foreground_background, result.intra_foreground,
            result.separation, result.queries,
        ]
        np.testing.assert_array_equal(np.float32(found), expected)
        np.testing.assert_array_equal(result.gradient_foreground, self.load("gradient_zf"))
        np.testing.assert_array_equal(result.gradient_background, self.load("gradient_zb"))

    def test_k_means(self):
        found = fbr.k_means(self.load("rows"), 4, seed=3, restarts=2)
        np.testing.assert_array_equal(found.centroids, self.load("centroids"))
        np.testing.assert_array_equal(found.assignments, self.load("assignments"))

    def test_negative_regions(self):
        labels, _ = fbr.seed_map(self.load("logits"), self.load("labels"))
        found = fbr.negative_regions(self.load("zb"), labels, 3, seed=1, step=4)
        np.testing.assert_array_equal(found, self.load("regions"))


class LossTests(Close):
    def test_defaults_are_the_library_s(self):
        raw = fbr._library.RawConfiguration()
        fbr._library.library().fbr_default_configuration(0, raw)
        ours = fbr.Configuration()._raw()
        for name, _ in raw._fields_:
            self.assertEqual(getattr(raw, name), getattr(ours, name), name)
        self.assertEqual(fbr.Configuration.ppc().prototype_divisor, 16)

    def test_same_seed_same_bits(self):
        first, again = (fbr.loss(*batch(), seed=3, step=1) for _ in range(2))
        other = fbr.loss(*batch(), seed=3, step=2)
        self.assertEqual(first.total, again.total)
        np.testing.assert_array_equal(first.gradient_foreground, again.gradient_foreground)
        self.assertNotEqual(first.total, other.total)

    def test_gradient_by_differences(self):
        zf, zb, *rest = batch()
        # Prototypes follow the features, and no gradient flows there: only the separation and a
        # contrast with constant negatives can be compared as a whole.
        settings = fbr.Configuration(intra_foreground_weight=0, foreground_background_weight=0)
        gradient = fbr.loss(zf, zb, *rest, configuration=settings).gradient_foreground
        for at in [(0, 1, 2, 3), (1, 5, 0, 0)]:
            values = []
            for step in (1e-2, -1e-2):
                moved = zf.copy()
                moved[at] += step
                values.append(fbr.loss(moved, zb, *rest, configuration=settings).separation * 0.1)
            self.assertAlmostEqual((values[0] - values[1]) / 2e-2, gradient[at], delta=2e-5)

    def test_ignored_pixels(self):
        zf, zb, logits, labels, bank = batch()
        ignore = np.zeros(zf.shape[:3], bool)
        ignore[:, :, 4:] = True
        expected = fbr.loss(zf, zb, logits, labels, bank, ignore=ignore)
        for values in (zf, zb, logits):
            values[ignore] = np.nan
        found = fbr.loss(zf, zb, logits, labels, bank, ignore=ignore)
        self.assertEqual(found.total, expected.total)
        self.assertEqual(found.ignored_pixels, ignore.sum())
        self.assertFalse(found.gradient_foreground[ignore].any())

    def test_errors_name_what_is_wrong(self):
        zf, zb, logits, labels, bank = batch()
        broken = logits.copy()
        broken[1, 0, 2, 0] = np.nan
        halves = labels.copy()
        halves[0, 1] = 0.5
        for arguments, settings, text in [
            ((zf, zb, broken, labels, bank), {}, "image 1, pixel 2: a logit is NaN or infinite"),
            ((zf, zb, logits, halves, bank), {}, "image 0, class 2: label 0.5, expected 0 or 1"),
            ((zf, zb, logits, labels, bank[:, :3]), {}, r"bank \(30, 3\), expected \(rows, 5\)"),
            ((zf[:1], zb, logits, labels, bank), {}, "foreground .* for logits"),
            ((zf, zb, logits, labels[:, 1:], bank), {}, r"image_labels \(2, 2\) for logits"),
            ((zf, zb, logits, labels, bank), {"temperature": 0}, "temperature 0.0, expected above"),
            ((zf, zb, logits, labels, bank), {"sure_share": 2}, r"sure_share 2.0, expected 0\.\.\.1"),
            ((zf, zb, logits, labels, bank), {"background": "sky"}, "background 'sky', expected one"),
        ]:
            with self.assertRaisesRegex(ValueError, text):
                fbr.loss(*arguments, configuration=fbr.Configuration(**settings))


class ClusteringTests(Close):
    def test_centroids_are_means(self):
        rows = np.random.default_rng(1).normal(size=(200, 4))
        found = fbr.k_means(rows, 5, tolerance=0)
        for cluster in range(5):
            members = rows[found.assignments == cluster]
            self.assertClose(found.centroids[cluster], members.mean(0), 1e-5)
        distances = np.linalg.norm(rows - found.centroids[found.assignments], axis=1)
        self.assertClose(found.inertia, (distances**2).sum(), 1e-5)

    def test_few_rows_cosine_and_mini_batches(self):
        rows = np.random.default_rng(1).normal(size=(300, 4)).astype(np.float32)
        np.testing.assert_array_equal(fbr.k_means(rows[:3], 8).centroids, rows[:3])
        cosine = fbr.k_means(rows, 4, metric="cosine").centroids
        self.assertClose(np.linalg.norm(cosine, axis=1), np.ones(4), 1e-5)
        full, small = fbr.k_means(rows, 4), fbr.k_means(rows, 4, mini_batch=50)
        self.assertLess(small.inertia, 1.2 * full.inertia)

    def test_errors(self):
        rows = np.zeros((4, 2), np.float32)
        rows[2, 1] = np.inf
        with self.assertRaisesRegex(ValueError, "row 2 has a value that is NaN or infinite"):
            fbr.k_means(rows)
        with self.assertRaisesRegex(ValueError, "clusters 0, expected 1 or more"):
            fbr.k_means(rows[:2], 0)
        with self.assertRaisesRegex(ValueError, "metric 'l1', expected"):
            fbr.k_means(rows[:2], metric="l1")
        with self.assertRaisesRegex(ValueError, "draws names row 9, there are 4"):
            fbr.info_nce(rows[:2], [0], [1], rows[:1], [1], rows, [[9]])


@unittest.skipUnless(torch, "PyTorch is not there")
class TorchTests(Close):
    def tensors(self):
        zf, zb, logits, labels, bank = batch()
        images = [torch.from_numpy(a).permute(0, 3, 1, 2).contiguous() for a in (zf, zb, logits)]
        return [*images, torch.from_numpy(labels), torch.from_numpy(bank)]

    def test_equals_numpy(self):
        zf, zb, logits, labels, bank = self.tensors()
        zf.requires_grad_(), zb.requires_grad_()
        total, result = fbr.torch.fbr_loss(zf, zb, logits, labels, bank, seed=4)
        (3 * total).backward()
        expected = fbr.loss(*batch(), seed=4)
        self.assertEqual(total.item(), np.float32(expected.total))
        self.assertClose(
            zf.grad.permute(0, 2, 3, 1).numpy(), 3 * expected.gradient_foreground, 1e-6
        )
        self.assertClose(
            zb.grad.permute(0, 2, 3, 1).numpy(), 3 * expected.gradient_background, 1e-6
        )
        self.assertEqual(result.queries, expected.queries)

    def test_trains_a_head_and_resumes(self):
        zf, zb, logits, labels, _ = self.tensors()
        torch.manual_seed(0)
        heads = torch.nn.Conv2d(5, 8, 1), torch.nn.Conv2d(5, 8, 1)

        def run(module, steps):
            return [
                module(torch.relu(heads[0](zf)), torch.relu(heads[1](zb)), logits, labels).item()
                for _ in range(steps)
            ]

        module = fbr.torch.FBRLoss(depth=8, capacity=40, clusters=4, seed=1)
        run(module, 3)
        again = fbr.torch.FBRLoss(depth=8, capacity=40, clusters=4, seed=1)
        again.load_state_dict(module.state_dict())
        self.assertEqual(run(module, 2), run(again, 2))
        self.assertEqual(len(module.filled), 40)
        total = module(torch.relu(heads[0](zf)), torch.relu(heads[1](zb)), logits, labels)
        total.backward()
        self.assertTrue(all(head.weight.grad.abs().sum() > 0 for head in heads))
        module.eval()
        before = int(module.pushed)
        run(module, 1)
        self.assertEqual(int(module.pushed), before)


if __name__ == "__main__":
    unittest.main()
