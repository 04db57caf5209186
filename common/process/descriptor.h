#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "common/model/result.h"

namespace baton::process {

/// A descriptor that is closed with its owner.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() { close(); }

  int number() const { return number_; }
  bool open() const { return number_ >= 0; }
  void close();

 private:
  int number_ = -1;
};

/// Both ends are closed on exec.
struct Pipe {
  Descriptor read, write;
};
Result<Pipe, std::string> make_pipe();

void never_block(const Descriptor&);

/// What can be read at once from one that never blocks, part by part, and at most so much: whoever writes
/// without end must not hold up its reader. At its end it is closed.
void read_ready(Descriptor&, std::size_t bytes_max, const std::function<void(std::string_view)>& keep);

}  // namespace baton::process
