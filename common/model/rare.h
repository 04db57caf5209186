#pragma once

#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <utility>

namespace baton {

/// A value that most of its owners lack. Like std::optional, but a lack costs only a pointer, and copies
/// share the value: it is never changed where it stands (edit() takes a copy first).
template <class T>
class Rare {
 public:
  Rare() = default;
  Rare(std::nullopt_t) {}
  Rare(T value) : value_(std::make_shared<T>(std::move(value))) {}
  Rare(std::optional<T> value) {
    if (value) *this = Rare(*std::move(value));
  }

  bool has_value() const { return value_ != nullptr; }
  explicit operator bool() const { return has_value(); }
  const T& operator*() const { return *value_; }
  const T* operator->() const { return value_.get(); }
  operator std::optional<T>() const { return value_ ? std::optional<T>(*value_) : std::nullopt; }

  /// The value, or what T() is.
  const T& or_default() const {
    static const T kDefault;
    return value_ ? *value_ : kDefault;
  }

  void reset() { value_.reset(); }
  /// Its own copy, to be changed. Only if there is one.
  T& edit() {
    auto copy = std::make_shared<T>(*value_);
    T& fresh = *copy;
    value_ = std::move(copy);
    return fresh;
  }

  bool operator==(const Rare& other) const {
    return value_ == other.value_ || (value_ && other.value_ && *value_ == *other.value_);
  }

 private:
  std::shared_ptr<const T> value_;
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
