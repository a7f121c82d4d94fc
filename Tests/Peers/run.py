"""Runs our benchmarks and the peers' in turn, and writes their ratios to a JSON file.

Each measurement is a process of its own. Rounds alternate between ours and the peers, so that a
machine that slows down slows all of them; the median of the rounds counts. Memory is the process's
peak resident size less what it was before the inputs were made: neither we nor a peer are charged
for the program and its libraries.
"""

import argparse
import glob
import json
import os
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ALLOCATORS = ["tcmalloc_minimal", "tcmalloc", "jemalloc"]


def backbone(network, work, side, batch):
    script = [
        "backbone.py", network, work.split()[0], "--side", str(side), "--batch", str(batch),
    ]
    return {
        "name": f"{network}/{work} {side}, batch {batch}",
        "peers": [
            {"peer": "PyTorch default", "command": script},
            {"peer": "PyTorch tuned", "command": [*script, "--channels-last"], "tuned": True},
        ],
    }


def confusion_matrix(kind, *options):
    return {
        "name": f"metrics/confusion matrix of 1000 maps 500x375, {kind}",
        "peers": [{"peer": "numpy bincount", "command": ["confusion_matrix.py", *options]}],
    }


def pictures(name, peer, *options):
    return {
        "name": f"datasets/{name}",
        "peers": [{"peer": peer, "command": ["pictures.py", *options]}],
    }


def fbr_loss(batch, size):
    return {
        "name": f"contrast/FBR loss, {batch} images, {size}x{size}x128, forward and backward",
        "peers": [
            {
                "peer": "PyTorch + scikit-learn",
                "command": ["fbr_loss.py", "--batch", str(batch), "--size", str(size)],
            }
        ],
    }


def k_means(images):
    return {
        "name": f"clustering/k-means 8 of 1024x128, {images} images",
        "peers": [
            {"peer": "scikit-learn", "command": ["k_means.py", "--images", str(images)]}
        ],
    }


def random_walk(height, width, maps, radius):
    options = {"height": height, "width": width, "maps": maps, "radius": radius}
    command = ["random_walk.py"]
    for option, value in options.items():
        command += [f"--{option}", str(value)]
    return {
        "name": f"walk/{maps} maps {height}x{width}, radius {radius}, 256 steps",
        "peers": [{"peer": "scipy sparse products", "command": command}],
    }


def irn_loss(batch):
    return {
        "name": f"walk/IRN loss, {batch} maps 128x128, radius 10, forward and backward",
        "peers": [{"peer": "PyTorch gathers", "command": ["irn_loss.py", "--batch", str(batch)]}],
    }


def dense_crf(preset, labels):
    command = ["dense_crf.py", "--preset", preset, "--labels", str(labels)]
    return {
        "name": f"crf/{preset} 500x375, {labels} labels, 10 iterations",
        "peers": [{"peer": "pydensecrf", "command": command}],
    }


# Every comparison: our benchmark's name, and for each peer a script of this folder that takes
# --threads and prints {"medianMs": ..., "baseMiB": ...}.
COMPARISONS = [
    backbone("resnet50", "forward", 512, 1),
    backbone("resnet50", "forward", 512, 4),
    backbone("resnet50", "training step", 512, 2),
    backbone("resnet50", "training step", 512, 4),
    backbone("efficientnet-lite0", "forward", 320, 16),
    backbone("efficientnet-lite0", "training step", 320, 16),
    backbone("efficientnet-lite0", "training step", 224, 16),
    backbone("resnet38", "training step", 448, 2),
    confusion_matrix("flat regions", "--flat"),
    confusion_matrix("noise"),
    pictures("decode", "Pillow", "decode"),
    pictures("resize 500x375 to 640x480", "Pillow", "resize", "--size", "640", "480"),
    pictures("resize 500x375 to 250x188", "Pillow", "resize", "--size", "250", "188"),
    pictures(
        "resize 500x375 to 640x480, bicubic", "Pillow", "resize", "--size", "640", "480", "--bicubic"
    ),
    pictures("color jitter 500x375", "torchvision on Pillow", "jitter"),
    pictures("loader, crops 320x320", "torch DataLoader", "loader", "--crop", "320"),
    pictures(
        "loader, crops 320x320 with color jitter", "torch DataLoader", "loader", "--crop", "320",
        "--jitter",
    ),
    pictures("loader, crops 512x512", "torch DataLoader", "loader", "--crop", "512"),
    k_means(1),
    k_means(16),
    fbr_loss(4, 32),
    fbr_loss(16, 16),
    fbr_loss(16, 32),
    random_walk(128, 128, 3, 5),
    random_walk(384, 512, 3, 5),
    irn_loss(8),
    dense_crf("irn-seed", 2),
    dense_crf("irn-seed", 4),
    dense_crf("irn-seed", 21),
    dense_crf("psa", 21),
]


def caching_allocator():
    """The library of an allocator that keeps freed memory, or None: what "tuned" preloads."""
    folders = os.environ.get("PEER_ALLOCATOR_PATH", "").split(os.pathsep)
    for folder in [*folders, "/usr/lib/*-linux-gnu", "/usr/lib64", "/usr/local/lib"]:
        for name in ALLOCATORS:
            found = sorted(glob.glob(os.path.join(folder, f"lib{name}.so.*"))) if folder else []
            if found:
                return found[0]
    return None


def measure(command, environment):
    """What the command printed and the most memory it held, in MiB."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit(f"failed: {' '.join(command)}")
    return json.loads(output), usage.ru_maxrss / 1024


def measure_ours(fbr, name, threads, seconds):
    command = [
        fbr, "bench", name, "--json", "--threads", str(threads), "--seconds", str(seconds),
    ]
    results, peak = measure(command, os.environ)
    exact = [result for result in results if result["name"] == name]
    if len(exact) != 1:
        sys.exit(f"'{name}' names {len(exact)} benchmarks of {fbr}")
    return exact[0]["medianMs"], peak - exact[0]["baseMiB"]


def measure_peer(peer, threads, allocator):
    environment = dict(os.environ, OMP_NUM_THREADS=str(threads))
    if peer.get("tuned") and allocator:
        environment["LD_PRELOAD"] = allocator
    script, *options = peer["command"]
    command = [sys.executable, os.path.join(HERE, script), *options, "--threads", str(threads)]
    result, peak = measure(command, environment)
    return result["medianMs"], peak - result.get("baseMiB", 0)


def compare(comparison, arguments, allocator):
    ours, peers = [], [[] for _ in comparison["peers"]]
    for _ in range(arguments.rounds):
        ours.append(
            measure_ours(arguments.fbr, comparison["name"], arguments.threads, arguments.seconds)
        )
        for peer, times in zip(comparison["peers"], peers):
            times.append(measure_peer(peer, arguments.threads, allocator))
    ours_ms, ours_mib = (statistics.median(values) for values in zip(*ours))
    for peer, times in zip(comparison["peers"], peers):
        peer_ms, peer_mib = (statistics.median(values) for values in zip(*times))
        label = peer["peer"]
        if peer.get("tuned") and not allocator:
            label += " (no caching allocator found)"
        yield {
            "name": comparison["name"],
            "peer": label,
            "oursMedianMs": round(ours_ms, 2),
            "peerMedianMs": round(peer_ms, 2),
            "ratio": round(peer_ms / ours_ms, 3),
            "threads": arguments.threads,
            "oursPeakMiB": round(ours_mib),
            "peerPeakMiB": round(peer_mib),
        }


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--fbr", required=True, help="our program")
    parser.add_argument("--out", required=True, help="the JSON file to write")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3, help="of timed runs of ours a round")
    parser.add_argument("names", nargs="*", help="only comparisons whose name contains one")
    arguments = parser.parse_args()
    allocator = caching_allocator()
    results = []
    for comparison in COMPARISONS:
        if arguments.names and not any(part in comparison["name"] for part in arguments.names):
            continue
        for result in compare(comparison, arguments, allocator):
            results.append(result)
            print(
                f"{result['name']:34} {result['oursMedianMs']:9.1f} ms  {result['peer']}"
                f" {result['peerMedianMs']:.1f} ms  {result['ratio']:.2f}x"
                f"  memory {result['oursPeakMiB']} / {result['peerPeakMiB']} MiB",
                flush=True,
            )
    temporary = arguments.out + ".part"
    with open(temporary, "w") as file:
        json.dump(results, file, indent=2)
        file.write("\n")
    os.replace(temporary, arguments.out)


if __name__ == "__main__":
    main()
