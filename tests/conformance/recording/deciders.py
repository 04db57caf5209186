"""Semantics 34 to 39: deciders, their history, their depths."""
from building import ECHO, EQ, L, NO, R, T, YES, fails, graph, linear, times, unordered

DEPTHS = ("all", "flow", "neighbors", "atom")


def cases(case):
    equality(case)
    depths(case)
    into_flows(case)
    from_flows(case)
    votes(case)
    again(case)
    troubles(case)


def equality(case):
    for name, result, other in (
            ("1 and true", 1, True), ("0 and false", 0, False), ("1 and 1.0", 1, 1.0), ("true and 1.0", True, 1.0), ("1 and '1'", 1, "1"),
            ("null and false", None, False), ("null and null", None, None), ("'' and null", "", None), ("[] and {}", [], {}),
            ("[1] and [true]", [1], [True]), ("[1, 2] and [2, 1]", [1, 2], [2, 1]), ("deep", {"a": [{"b": 1}]}, {"a": [{"b": True}]}),
            ("keys in another order", {"a": 1, "b": 2}, {"b": 2.0, "a": True}), ("a key more", {"a": 1}, {"a": 1, "b": None}),
            ("2^53 and 2.0^53", 2 ** 53, float(2 ** 53)), ("2^53+1 and 2.0^53", 2 ** 53 + 1, float(2 ** 53)), ("-0.0 and 0", -0.0, 0),
            ("0.1+0.2 and 0.3", 0.1 + 0.2, 0.3), ("2^64 and 2.0^64", 2 ** 64, float(2 ** 64)), ("text", "\u00e9", "\u00e9"), ("texts composed otherwise", "\u00e9", "e\u0301"),
            ("case", "Yes", "yes")):
        case("when equals: %s" % name, graph("f", T("a"), T("b"), links=[L("a", "b", EQ("a", other))]), script={"a": {"result": result}})
    case("when equals: an atom that is nowhere, null", graph("f", T("a"), T("b"), links=[L("a", "b", EQ("nowhere", None))]))
    case("when equals: an atom that is nowhere", graph("f", T("a"), T("b"), links=[L("a", "b", EQ("nowhere", 1))]))
    case("when equals: echoed arguments", graph("f", T("a", "s"), T("b"), links=[L("a", "b", EQ("a", {"s": [1]}))]), store={"s": [True]}, script={"a": ECHO})


def depths(case):
    def long(depth):
        return graph("f", T("a"), T("b"), T("c"), linear("g", T("d"), linear("h", T("e"))), T("i"), T("j"), linear("k", T("l"), retry=times("r", 2)),
                     links=[L("a", "b", NO, depth), L("b", "c"), L("c", "g"), L("g", "i"), L("c", "j"), L("i", "k"), L("j", "k")])

    def nested(depth):
        return linear("o", T("y"), graph("f", T("a"), T("b"), T("c"), links=[L("a", "b", NO, depth), L("b", "c")]), T("z"))

    def to_retry(depth):
        return graph("f", T("a"), linear("g", T("b"), T("c"), retry=times("r", 2, provides="n")), T("d"), links=[L("a", "g", NO, depth), L("g", "d")])

    def branches(depth):
        return graph("f", T("a"), T("b"), T("c"), T("d"), T("e"), links=[L("a", "b", NO, depth), L("b", "c"), L("c", "e"), L("a", "d"), L("d", "e")])

    for depth in DEPTHS:
        case("36 %s through flows and retries" % depth, long(depth))
        case("36 %s in a nested graph" % depth, nested(depth))
        case("36 %s in a nested graph, and a failure behind" % depth, nested(depth), script=fails("z"))
        case("36 %s at a retry" % depth, to_retry(depth))
        case("36 %s where branches meet" % depth, branches(depth))
        case("36 %s where branches meet, and a failure" % depth, branches(depth), script=fails("d"))
        case("36 %s into a flow of flows" % depth, graph(
            "f", T("a"), unordered("g", linear("h", T("b"), T("c")), unordered("i", T("d"), linear("j", T("e"), T("k")))), T("l"),
            links=[L("a", "g", NO, depth), L("g", "l")]))
        case("36 %s of a link out of a flow" % depth, graph(
            "f", linear("g", T("a")), T("b"), T("c"), links=[L("g", "b", NO, depth), L("b", "c")]))
    for widest, narrow in (("all", "flow"), ("flow", "neighbors"), ("neighbors", "atom"), ("all", "atom")):
        case("36 %s wins over %s" % (widest, narrow), graph(
            "f", T("a"), T("a2"), T("b"), T("c"), T("d"), linear("g", T("e")),
            links=[L("a", "b", NO, narrow), L("a2", "b", NO, widest), L("b", "c"), L("c", "d"), L("d", "g")]))
        case("36 %s that says yes does not win over %s" % (widest, narrow), graph(
            "f", T("a"), T("a2"), T("b"), T("c"), T("d"), linear("g", T("e")),
            links=[L("a", "b", NO, narrow), L("a2", "b", YES, widest), L("b", "c"), L("c", "d"), L("d", "g")]))


def into_flows(case):
    case("34 two flows deep: both links vote", graph("o", T("x"), graph("f", T("a"), linear("g", T("b"), T("c")), links=[L("a", "g", YES)]), links=[L("x", "f", NO, "atom")]))
    case("34 a head of a head", graph("o", T("x"), linear("f", graph("g", T("b"), T("c"), T("d"), links=[L("b", "c")])), links=[L("x", "f", NO, "atom")]))
    case("34 the heads only", graph("o", T("x"), graph("g", T("b"), T("c"), T("d"), links=[L("b", "c")]), T("e"), links=[L("x", "g", NO, "neighbors"), L("g", "e")]))
    case("34 into a flow whose first is an empty flow", graph("o", T("x"), linear("g", linear("e"), T("b")), links=[L("x", "g", NO, "atom")]))
    case("34 into an empty flow", graph("o", T("x"), linear("g"), T("b"), links=[L("x", "g", NO), L("g", "b")]))
    case("34 the nested retry decides for its flow", graph("o", T("x"), linear("g", linear("h", T("b"), retry=times("r", 2)), T("c")), links=[L("x", "g", NO, "atom")]))
    case("34 a failure in a flow half of which is ignored", graph(
        "o", T("x"), linear("g", T("b"), T("c")), links=[L("x", "g", NO, "atom")], retry=times("r", 2)), script=fails("c", n=1))


def from_flows(case):
    case("35 from an empty flow", graph("f", linear("e"), T("b"), links=[L("e", "b", EQ("e", None))]))
    case("35 from a flow: const", graph("f", linear("g", T("a")), T("b"), T("c"), links=[L("g", "b", NO, "atom"), L("b", "c")]))
    case("35 from a flow to a flow", graph("f", linear("g", T("a")), linear("h", T("b"), T("c")), links=[L("g", "h", EQ("a", 1), "atom")]), script={"a": {"result": 1}})
    case("35 from a flow and from an atom at once", graph(
        "f", linear("g", T("a")), T("z"), T("b"), links=[L("g", "b", EQ("z", 1), "atom"), L("z", "b", EQ("z", 1), "atom")]), script={"z": {"result": 1}})
    case("35 one decider reads another's source", graph(
        "f", T("y"), T("z"), T("b"), links=[L("y", "b", EQ("z", 2), "atom"), L("z", "b", EQ("y", 1), "atom")]), script={"y": {"result": 1}, "z": {"result": 2}})
    case("35 a plain link's source is not seen", graph(
        "f", T("y"), T("z"), T("b"), links=[L("y", "b", EQ("z", None), "atom"), L("z", "b")]), script={"z": {"result": 2}})
    case("35 sources across levels", graph(
        "o", T("x"), graph("g", T("b"), T("c"), links=[L("b", "c", EQ("x", 1), "atom")]), links=[L("x", "g", EQ("x", 1), "atom")]), script={"x": {"result": 1}})
    case("35 an ignored flow's link still votes", graph(
        "f", T("a"), linear("g", T("b")), T("c"), links=[L("a", "g", NO, "atom"), L("g", "c", NO, "atom")]))


def votes(case):
    case("36 a chain of ignored atoms: each next one's decider abstains", graph(
        "f", T("a"), T("b"), T("c"), T("d"), links=[L("a", "b", NO, "atom"), L("b", "c", NO, "atom"), L("c", "d", NO, "atom")]))
    case("36 all sources are ignored", graph(
        "f", T("a"), T("b"), T("b2"), T("c"), links=[L("a", "b", NO, "atom"), L("a", "b2", NO, "atom"), L("b", "c", NO), L("b2", "c", NO)]))
    case("36 one of two sources is ignored, the other says no", graph(
        "f", T("a"), T("b"), T("b2"), T("c"), T("d"), links=[L("a", "b", NO, "atom"), L("a", "b2"), L("b", "c", YES), L("b2", "c", NO, "atom"), L("c", "d")]))
    case("36 three say yes, one no", graph("f", T("a"), T("b"), T("c"), T("d"), T("e"), T("g"), links=[
        L("a", "e", YES), L("b", "e", YES), L("c", "e", NO, "neighbors"), L("d", "e", YES), L("e", "g")]))
    case("37 nothing but one atom left", graph("f", T("a"), T("b"), T("c"), links=[L("a", "b", NO), L("b", "c")], retry=times("r", 2)))
    case("37 ignored and a failure elsewhere", graph("f", T("a"), T("b"), T("c"), links=[L("a", "b", NO), L("a", "c")], retry=times("r", 3)), script=fails("c", n=2))
    case("37 ignored, reverted, run again", graph("f", T("a"), T("b"), T("c"), links=[L("a", "b", NO, "atom"), L("b", "c")]), script=fails("c", n=1), runs=2)
    case("37 all ignored, run again", graph("f", T("a"), T("b"), links=[L("a", "b", NO)]), runs=2)


def again(case):
    case("37 the value of each attempt decides", graph(
        "f", T("a", "n"), T("b"), T("c"), T("d"), retry=R("r", "for_each", values=["x", "y", "z"], provides="n"),
        links=[L("a", "b", EQ("a", {"n": "x"}), "atom"), L("a", "c", EQ("a", {"n": "y"}), "atom"), L("b", "d"), L("c", "d")]),
        script={"a": ECHO, "d": {"fail_first": 2}})
    case("37 a nested flow is ignored in the first attempt only", linear(
        "f", graph("q", T("a", "n"), linear("g", T("b"), T("c"), retry=times("in", 2)), links=[L("a", "g", EQ("a", {"n": 2}))]), T("d"),
        retry=times("r", 3, provides="n")), script={"a": ECHO, "d": {"fail_first": 1}, "b": {"fail_first": 1}})
    case("37 an inner retry leaves what was ignored outside", graph(
        "f", T("a"), T("b"), linear("g", T("c"), retry=times("in", 3)), links=[L("a", "b", NO, "atom"), L("b", "g")]), script=fails("c", n=2))
    case("37 an inner retry's reset takes ignored atoms behind it", linear(
        "f", graph("q", linear("g", T("a", "n", "x"), retry=times("in", 3, provides="n")), T("m", "x"), T("b"), links=[L("m", "b", EQ("m", {"x": {"n": 1}}), "atom")]), T("c")),
        script={"a": {**ECHO, "fail_first": 1}, "m": ECHO})


def troubles(case):
    case("38 it throws, others are under way", graph("f", T("a"), T("b"), T("c"), T("d"), links=[L("a", "b", {"raise": True}), L("c", "d")]))
    case("38 it throws, and its source is ignored: it is not asked", graph(
        "f", T("z"), T("a"), T("b"), links=[L("z", "a", NO, "atom"), L("a", "b", {"raise": True})]))
    case("38 it throws in the second attempt of nothing", graph("f", T("a"), T("b"), links=[L("a", "b", {"raise": True}, "atom")], retry=times("r", 2)))
    case("39 a task fails under an ignored retry, run again", graph(
        "f", T("a"), linear("g", T("b"), retry=times("r", 3)), links=[L("a", "g", NO, "atom")]), script=fails("b", n=1), runs=2)
    case("39 an ignored retry, nothing fails", graph(
        "f", T("a"), linear("g", T("b"), linear("h", T("c"), retry=times("in", 2)), retry=times("r", 3)), links=[L("a", "g", NO, "atom")]), script=fails("c", n=1))
