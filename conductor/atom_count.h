#pragma once

#include <cstddef>

namespace baton::conductor {

/// One job's share of the atoms that this conductor holds: counted from the claim on, as far as the size is
/// known, so that many loads under way at once do not overshoot the bound together. Given back with its end.
class AtomCount {
 public:
  explicit AtomCount(std::size_t& total) : total_(total) {}
  ~AtomCount() { set(0); }
  AtomCount(const AtomCount&) = delete;
  AtomCount& operator=(const AtomCount&) = delete;

  std::size_t get() const { return mine_; }
  void set(std::size_t atoms) {
    if (atoms == mine_) return;  // nothing of ours is in a total that may be gone by now
    total_ += atoms;
    total_ -= mine_;
    mine_ = atoms;
  }

 private:
  std::size_t& total_;
  std::size_t mine_ = 0;
};

}  // namespace baton::conductor
