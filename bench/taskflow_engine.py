"""What TaskFlow's own engine costs on one flow: compiling it, running it with the serial engine. One line of JSON.

  taskflow_engine.py <shape> <atoms>

The shapes are those of flow_shapes.cc that need nothing but tasks; make bench-engine runs this beside engine_bench in the
environment that make setup-tests makes.
"""

import importlib.metadata
import json
import logging
import math
import sys
import time

import taskflow.engines
from taskflow import task
from taskflow.patterns import graph_flow, linear_flow, unordered_flow


class Step(task.Task):
    def execute(self, **arguments):
        return "done"


def steps(first, count):
    return [Step(f"t{number}") for number in range(first, first + count)]


def wide(atoms):
    return unordered_flow.Flow("wide").add(*steps(0, atoms))


def deep(atoms):
    return linear_flow.Flow("deep").add(*steps(0, atoms))


def layers(atoms):
    width = math.isqrt(atoms)
    flow = linear_flow.Flow("layers")
    for first in range(0, atoms, width):
        flow.add(unordered_flow.Flow(f"layer{first}").add(*steps(first, min(width, atoms - first))))
    return flow


def symbols(atoms):
    """Each task takes what the one before it provides."""
    flow = graph_flow.Flow("symbols")
    for number in range(atoms):
        needs = {f"s{number - 1}"} if number else None
        flow.add(Step(f"t{number}", provides=f"s{number}", requires=needs))
    return flow


SHAPES = {"wide": wide, "deep": deep, "layers": layers, "symbols": symbols}


def measure(shape, atoms):
    logging.disable(logging.CRITICAL)
    engine = taskflow.engines.load(SHAPES[shape](atoms), engine="serial")
    begin = time.process_time()
    engine.compile()
    compiled = time.process_time()
    engine.prepare()
    engine.validate()
    prepared = time.process_time()
    engine.run()
    ran = time.process_time()
    assert engine.storage.get_flow_state() == "SUCCESS"
    return {"shape": shape, "atoms": atoms, "version": importlib.metadata.version("taskflow"),
            "compile_ms": (compiled - begin) * 1e3, "prepare_ms": (prepared - compiled) * 1e3,
            "run_us": (ran - prepared) * 1e6 / atoms}


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], int(sys.argv[2]))))
