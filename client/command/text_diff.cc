#include "client/command/text_diff.h"

#include <algorithm>
#include <limits>
#include <map>

namespace baton::client {
namespace {

using Index = std::ptrdiff_t;

constexpr std::size_t kContext = 3;
constexpr Index kEffortMax = 2'000;  // texts that differ in more lines are told apart more coarsely

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size() - 1) + 1;
    lines.push_back(text.substr(begin, end - begin));
    begin = end;
  }
  return lines;
}

/// Myers' algorithm in linear space: looks for the middle of a shortest way from both ends at once, then does
/// the same on both sides of it.
class Comparison {
 public:
  explicit Comparison(LineDiff& diff) : diff_(diff) {
    std::map<std::string_view, int> numbers;
    for (const auto& line : diff.before) a_.push_back(number_of(line, numbers));
    for (const auto& line : diff.after) b_.push_back(number_of(line, numbers));
    diff.removed.assign(a_.size(), false);
    diff.added.assign(b_.size(), false);
    offset_ = static_cast<Index>(b_.size()) + 1;
    forward_.resize(a_.size() + b_.size() + 3);
    backward_.resize(forward_.size());
  }
  void run() { compare({0, static_cast<Index>(a_.size()), 0, static_cast<Index>(b_.size())}); }

 private:
  struct Box {
    Index a, a_end, b, b_end;
  };
  struct Point {
    Index a, b;
  };

  static int number_of(std::string_view line, std::map<std::string_view, int>& numbers) {
    return numbers.emplace(line, static_cast<int>(numbers.size())).first->second;
  }
  bool same(Index a, Index b) const {
    return a_[static_cast<std::size_t>(a)] == b_[static_cast<std::size_t>(b)];
  }
  Index& forward(Index diagonal) { return forward_[static_cast<std::size_t>(diagonal + offset_)]; }
  Index& backward(Index diagonal) { return backward_[static_cast<std::size_t>(diagonal + offset_)]; }

  void compare(Box box) {
    while (box.a < box.a_end && box.b < box.b_end && same(box.a, box.b)) ++box.a, ++box.b;
    while (box.a < box.a_end && box.b < box.b_end && same(box.a_end - 1, box.b_end - 1))
      --box.a_end, --box.b_end;
    Point middle{};
    if (box.a == box.a_end || box.b == box.b_end || !split(box, middle)) return replace(box);
    compare({box.a, middle.a, box.b, middle.b});
    compare({middle.a, box.a_end, middle.b, box.b_end});
  }

  void replace(const Box& box) {
    std::fill(diff_.removed.begin() + box.a, diff_.removed.begin() + box.a_end, true);
    std::fill(diff_.added.begin() + box.b, diff_.added.begin() + box.b_end, true);
  }

  /// False: it takes too long to find out.
  bool split(const Box& box, Point& middle) {
    const Index lowest = box.a - box.b_end, highest = box.a_end - box.b;
    const Index begin = box.a - box.b, end = box.a_end - box.b_end;
    const bool odd = (begin - end) % 2 != 0;
    Index ahead = begin, ahead_end = begin, back = end, back_end = end;
    forward(begin) = box.a;
    backward(end) = box.a_end;
    const auto widen = [&](Index& from, Index& to, auto diagonal, Index unreached) {
      from > lowest ? (this->*diagonal)(--from - 1) = unreached : ++from;
      to < highest ? (this->*diagonal)(++to + 1) = unreached : --to;
    };
    for (Index effort = 0; effort < kEffortMax; ++effort) {
      widen(ahead, ahead_end, &Comparison::forward, -1);
      for (Index d = ahead_end; d >= ahead; d -= 2) {
        const Point at = run_ahead(box, d);
        if (odd && back <= d && d <= back_end && backward(d) <= at.a) return middle = at, true;
      }
      widen(back, back_end, &Comparison::backward, std::numeric_limits<Index>::max());
      for (Index d = back_end; d >= back; d -= 2) {
        const Point at = run_back(box, d);
        if (!odd && ahead <= d && d <= ahead_end && at.a <= forward(d)) return middle = at, true;
      }
    }
    return false;
  }

  Point run_ahead(const Box& box, Index d) {
    Index a = forward(d - 1) >= forward(d + 1) ? forward(d - 1) + 1 : forward(d + 1);
    while (a < box.a_end && a - d < box.b_end && same(a, a - d)) ++a;
    forward(d) = a;
    return {a, a - d};
  }
  Point run_back(const Box& box, Index d) {
    Index a = backward(d - 1) < backward(d + 1) ? backward(d - 1) : backward(d + 1) - 1;
    while (a > box.a && a - d > box.b && same(a - 1, a - d - 1)) --a;
    backward(d) = a;
    return {a, a - d};
  }

  LineDiff& diff_;
  std::vector<int> a_, b_;  // lines by number: the same, the same number
  Index offset_ = 0;
  std::vector<Index> forward_, backward_;  // by diagonal: how far it has come in `before`
};

/// One line of the output: ' ', '-' or '+', and the line's text.
struct Shown {
  char mark;
  const std::string* text;
};

std::vector<Shown> all_lines(const LineDiff& diff) {
  std::vector<Shown> all;
  for (std::size_t a = 0, b = 0; a < diff.before.size() || b < diff.after.size();) {
    if (a < diff.before.size() && diff.removed[a])
      all.push_back({'-', &diff.before[a++]});
    else if (b < diff.after.size() && diff.added[b])
      all.push_back({'+', &diff.after[b++]});
    else
      all.push_back({' ', &diff.before[a++]}), ++b;
  }
  return all;
}

std::string range_of(std::size_t first, std::size_t lines) {
  if (lines == 1) return std::to_string(first + 1);
  return std::to_string(lines == 0 ? first : first + 1) + "," + std::to_string(lines);
}

std::string hunk_of(const std::vector<Shown>& lines, std::size_t begin, std::size_t end) {
  const auto is_in = [](char other) { return [other](const Shown& line) { return line.mark != other; }; };
  const auto count = [&](std::size_t from, std::size_t to, char other) {
    return static_cast<std::size_t>(std::count_if(lines.begin() + static_cast<Index>(from),
                                                  lines.begin() + static_cast<Index>(to), is_in(other)));
  };
  std::string hunk = "@@ -" + range_of(count(0, begin, '+'), count(begin, end, '+')) + " +" +
                     range_of(count(0, begin, '-'), count(begin, end, '-')) + " @@\n";
  for (std::size_t i = begin; i < end; ++i) {
    hunk += lines[i].mark + *lines[i].text;
    if (!lines[i].text->ends_with('\n')) hunk += "\n\\ No newline at end of file\n";
  }
  return hunk;
}

}  // namespace

LineDiff line_diff(const std::string& before, const std::string& after) {
  LineDiff diff{lines_of(before), lines_of(after), {}, {}};
  Comparison(diff).run();
  return diff;
}

std::string unified_diff(const std::string& before, const std::string& after, const std::string& before_name,
                         const std::string& after_name) {
  if (before == after) return {};
  const LineDiff diff = line_diff(before, after);
  const auto lines = all_lines(diff);
  std::string text = "--- " + before_name + "\n+++ " + after_name + "\n";
  for (std::size_t i = 0; i < lines.size();) {
    if (lines[i].mark == ' ') {
      ++i;
      continue;
    }
    const std::size_t begin = i - std::min(i, kContext);
    std::size_t last = i;  // a change; the next one belongs to it while their lines around touch
    for (std::size_t next = i; next < lines.size() && next <= last + 2 * kContext + 1; ++next)
      if (lines[next].mark != ' ') last = next;
    const std::size_t end = std::min(last + 1 + kContext, lines.size());
    text += hunk_of(lines, begin, end);
    i = end;
  }
  return text;
}

}  // namespace baton::client
