#pragma once

#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace baton {

/// A value that most of its owners lack. Like std::optional, but a lack costs only a pointer, and copies
/// share the value, between threads too: it is never changed where others see it (edit() takes a copy first).
template <class T>
class Rare {
 public:
  Rare() = default;
  Rare(std::nullopt_t) {}
  Rare(T value) : held_(new Held{std::move(value)}) {}
  Rare(std::optional<T> value) {
    if (value) *this = Rare(*std::move(value));
  }
  Rare(const Rare& other) : held_(other.held_) {
    if (held_) held_->owners.fetch_add(1, std::memory_order_relaxed);
  }
  Rare(Rare&& other) noexcept : held_(std::exchange(other.held_, nullptr)) {}
  Rare& operator=(Rare other) noexcept {
    std::swap(held_, other.held_);
    return *this;
  }
  ~Rare() {
    if (held_ && (is_sole_owner() || held_->owners.fetch_sub(1, std::memory_order_acq_rel) == 1))
      delete held_;
  }

  bool has_value() const { return held_ != nullptr; }
  explicit operator bool() const { return has_value(); }
  const T& operator*() const { return held_->value; }
  const T* operator->() const { return &held_->value; }
  operator std::optional<T>() const { return held_ ? std::optional<T>(held_->value) : std::nullopt; }

  /// The value, or what T() is.
  const T& or_default() const {
    static const T kDefault;
    return held_ ? held_->value : kDefault;
  }

  void reset() { *this = Rare(); }
  /// To be changed: the value itself, if nobody else has it, else a copy. Only if there is one.
  T& edit() {
    if (!is_sole_owner()) *this = Rare(held_->value);
    return held_->value;
  }

  bool operator==(const Rare& other) const {
    return held_ == other.held_ || (held_ && other.held_ && held_->value == other.held_->value);
  }

 private:
  /// One pointer to both, where std::shared_ptr is two: flows of a million atoms hold several for each.
  struct Held {
    T value;
    std::atomic<std::uint32_t> owners{1};
  };

  bool is_sole_owner() const { return held_->owners.load(std::memory_order_acquire) == 1; }

  Held* held_ = nullptr;
};

/// A list that most of its owners leave empty.
template <class T>
class RareList {
 public:
  using List = std::vector<T>;

  RareList() = default;
  RareList(List list) {
    if (!list.empty()) list_ = std::move(list);
  }
  RareList(std::initializer_list<T> items) : RareList(List(items)) {}

  operator const List&() const { return list_.or_default(); }
  auto begin() const { return list_.or_default().begin(); }
  auto end() const { return list_.or_default().end(); }
  const T& front() const { return list_->front(); }
  const T& back() const { return list_->back(); }
  const T& operator[](std::size_t index) const { return (*list_)[index]; }
  const T& at(std::size_t index) const { return list_.or_default().at(index); }
  std::size_t size() const { return list_.or_default().size(); }
  bool empty() const { return !list_; }
  bool operator==(const RareList&) const = default;

  /// To be changed, but not emptied.
  List& edit() {
    if (!list_) list_ = List();
    return list_.edit();
  }
  template <class... Parts>
  void emplace_back(Parts&&... parts) {
    edit().emplace_back(std::forward<Parts>(parts)...);
  }

 private:
  Rare<List> list_;
};

/// A map that most of its owners leave empty. To be read only: it is given whole.
template <class Key, class T>
class RareMap {
 public:
  using Map = std::map<Key, T>;

  RareMap() = default;
  RareMap(Map map) {
    if (!map.empty()) map_ = std::move(map);
  }
  RareMap(std::initializer_list<typename Map::value_type> entries) : RareMap(Map(entries)) {}

  operator const Map&() const { return map_.or_default(); }
  auto begin() const { return map_.or_default().begin(); }
  auto end() const { return map_.or_default().end(); }
  auto find(const Key& key) const { return map_.or_default().find(key); }
  bool contains(const Key& key) const { return map_ && map_->contains(key); }
  const T& at(const Key& key) const { return map_.or_default().at(key); }
  std::size_t size() const { return map_.or_default().size(); }
  bool empty() const { return !map_; }
  bool operator==(const RareMap&) const = default;

 private:
  Rare<Map> map_;
};

}  // namespace baton
