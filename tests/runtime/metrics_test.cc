#include "common/runtime/metrics.h"

#include <catch2/catch.hpp>

using namespace baton::runtime;

TEST_CASE("metrics are shown in Prometheus' text format, series of one name together") {
  Metrics metrics;
  Counter& sent = metrics.counter("baton_sent_total", "Messages sent.", {{"to", "a\"b"}});
  Gauge& held = metrics.gauge("baton_held", "Requests held.\nNow.");
  Counter& other = metrics.counter("baton_sent_total", "Messages sent.", {{"to", "c"}});
  sent.add();
  sent.add(2);
  held.set(5);
  held.add(-7);
  other.add();
  CHECK(metrics.text() ==
        "# HELP baton_sent_total Messages sent.\n# TYPE baton_sent_total counter\n"
        "baton_sent_total{to=\"a\\\"b\"} 3\nbaton_sent_total{to=\"c\"} 1\n"
        "# HELP baton_held Requests held.\\nNow.\n# TYPE baton_held gauge\nbaton_held -2\n");
}

TEST_CASE("a histogram's buckets are cumulative, bounds included") {
  Metrics metrics;
  Histogram& seconds = metrics.histogram("baton_hop_seconds", "A hop.", {0.001, 0.5}, {{"kind", "x"}});
  for (const double value : {0.001, 0.0011, 0.5, 7.0}) seconds.observe(value);
  CHECK(metrics.text() ==
        "# HELP baton_hop_seconds A hop.\n# TYPE baton_hop_seconds histogram\n"
        "baton_hop_seconds_bucket{kind=\"x\",le=\"0.001\"} 1\n"
        "baton_hop_seconds_bucket{kind=\"x\",le=\"0.5\"} 3\n"
        "baton_hop_seconds_bucket{kind=\"x\",le=\"+Inf\"} 4\n"
        "baton_hop_seconds_sum{kind=\"x\"} 7.5021\nbaton_hop_seconds_count{kind=\"x\"} 4\n");
}

TEST_CASE("references to metrics stay valid while others are added") {
  Metrics metrics;
  Counter& first = metrics.counter("baton_first_total", "First.");
  for (int i = 0; i < 1000; ++i) metrics.counter("baton_many_total", "Many.", {{"i", std::to_string(i)}});
  first.add();
  CHECK(metrics.text().find("\nbaton_first_total 1\n") != std::string::npos);
}
