#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

/// Counters beside the code that counts, shown in Prometheus' text format:
///
///   struct FlowProbe {                                            // conductor/flow_probe.h
///     explicit FlowProbe(Metrics& metrics)
///         : dispatched(metrics.counter("baton_atoms_dispatched_total", "Requests sent to workers.")) {}
///     Counter& dispatched;
///   };
///
/// Owner's thread only, so nothing here is atomic. Own lines rather than prometheus-cpp: that package brings
/// libcurl and a web server of its own, and locks in every observation.
namespace baton::runtime {

class Counter {
 public:
  void add(std::uint64_t count = 1) { value_ += count; }
  std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0;
};

class Gauge {
 public:
  void set(std::int64_t value) { value_ = value; }
  void add(std::int64_t change) { value_ += change; }
  std::int64_t value() const { return value_; }

 private:
  std::int64_t value_ = 0;
};

class Histogram {
 public:
  explicit Histogram(std::vector<double> bounds);  // ascending upper bounds; the last, infinite one is added
  void observe(double value);

  const std::vector<double>& bounds() const { return bounds_; }
  const std::vector<std::uint64_t>& counts() const { return counts_; }  // per bucket, one more than bounds
  double sum() const { return sum_; }

 private:
  std::vector<double> bounds_;
  std::vector<std::uint64_t> counts_;
  double sum_ = 0;
};

/// From 0.5 ms to a minute, about three a decade: hops, commits, tasks.
std::vector<double> seconds_buckets();

/// All metrics of a process. References stay valid as long as it lives.
class Metrics {
 public:
  using Labels = std::vector<std::pair<std::string, std::string>>;

  Counter& counter(std::string name, std::string help, Labels labels = {});
  Gauge& gauge(std::string name, std::string help, Labels labels = {});
  Histogram& histogram(std::string name, std::string help, std::vector<double> bounds = seconds_buckets(),
                       Labels labels = {});

  /// Text format 0.0.4, in order of declaration; series of one name stand together.
  std::string text() const;

 private:
  struct Series {
    std::string labels;  // rendered: a="b",c="d"
    std::function<void(const std::string& name, const std::string& labels, std::string& out)> append;
  };
  struct Family {
    std::string name, help, type;
    std::vector<Series> series;
  };
  template <class M>
  M& add(std::deque<M>&, M, const char* type, std::string name, std::string help, const Labels&);

  std::deque<Counter> counters_;  // deques: references stay
  std::deque<Gauge> gauges_;
  std::deque<Histogram> histograms_;
  std::vector<Family> families_;
};

}  // namespace baton::runtime
