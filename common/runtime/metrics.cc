#include "common/runtime/metrics.h"

#include <algorithm>
#include <charconv>

#include "common/model/assert.h"

namespace baton::runtime {
namespace {

std::string text_of(double number) {
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, number).ptr;
  return {buffer, end};
}

std::string escaped(const std::string& text, bool quotes) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || (quotes && c == '"')) out += '\\';
    if (c == '\n')
      out += "\\n";
    else
      out += c;
  }
  return out;
}

std::string rendered(const Metrics::Labels& labels) {
  std::string out;
  for (const auto& [name, value] : labels) {
    if (!out.empty()) out += ',';
    out += name + "=\"" + escaped(value, true) + '"';
  }
  return out;
}

void append_line(std::string& out, const std::string& name, const std::string& labels,
                 const std::string& value) {
  out += name;
  if (!labels.empty()) out += "{" + labels + "}";
  out += " " + value + "\n";
}

void append(const Counter& counter, const std::string& name, const std::string& labels, std::string& out) {
  append_line(out, name, labels, std::to_string(counter.value()));
}

void append(const Gauge& gauge, const std::string& name, const std::string& labels, std::string& out) {
  append_line(out, name, labels, std::to_string(gauge.value()));
}

void append(const Histogram& histogram, const std::string& name, const std::string& labels,
            std::string& out) {
  const std::string before = labels.empty() ? "" : labels + ",";
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < histogram.counts().size(); ++i) {
    below += histogram.counts()[i];
    const std::string bound = i < histogram.bounds().size() ? text_of(histogram.bounds()[i]) : "+Inf";
    append_line(out, name + "_bucket", before + "le=\"" + bound + "\"", std::to_string(below));
  }
  append_line(out, name + "_sum", labels, text_of(histogram.sum()));
  append_line(out, name + "_count", labels, std::to_string(below));
}

}  // namespace

Histogram::Histogram(std::vector<double> bounds) : bounds_(std::move(bounds)), counts_(bounds_.size() + 1) {
  BATON_ASSERT(std::is_sorted(bounds_.begin(), bounds_.end()));
}

void Histogram::observe(double value) {
  const auto bucket = std::lower_bound(bounds_.begin(), bounds_.end(), value) - bounds_.begin();
  ++counts_[static_cast<std::size_t>(bucket)];
  sum_ += value;
}

std::vector<double> seconds_buckets() {
  return {0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60};
}

template <class M>
M& Metrics::add(std::deque<M>& all, M metric, const char* type, std::string name, std::string help,
                const Labels& labels) {
  auto family =
      std::find_if(families_.begin(), families_.end(), [&](const Family& f) { return f.name == name; });
  if (family == families_.end())
    family = families_.insert(families_.end(), {std::move(name), std::move(help), type, {}});
  BATON_ASSERT(family->type == type);
  const std::string text = rendered(labels);
  BATON_ASSERT(std::none_of(family->series.begin(), family->series.end(),
                            [&](const Series& series) { return series.labels == text; }));
  const M& added = all.emplace_back(std::move(metric));
  family->series.push_back({text, [&added](const std::string& n, const std::string& l, std::string& out) {
                              append(added, n, l, out);
                            }});
  return all.back();
}

Counter& Metrics::counter(std::string name, std::string help, Labels labels) {
  return add(counters_, Counter(), "counter", std::move(name), std::move(help), labels);
}

Gauge& Metrics::gauge(std::string name, std::string help, Labels labels) {
  return add(gauges_, Gauge(), "gauge", std::move(name), std::move(help), labels);
}

Histogram& Metrics::histogram(std::string name, std::string help, std::vector<double> bounds, Labels labels) {
  return add(histograms_, Histogram(std::move(bounds)), "histogram", std::move(name), std::move(help),
             labels);
}

std::string Metrics::text() const {
  std::string out;
  for (const auto& family : families_) {
    out += "# HELP " + family.name + " " + escaped(family.help, false) + "\n# TYPE " + family.name + " " +
           family.type + "\n";
    for (const auto& series : family.series) series.append(family.name, series.labels, out);
  }
  return out;
}

}  // namespace baton::runtime
