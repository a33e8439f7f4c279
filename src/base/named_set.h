// Objects found by their own `name`, which so stands in memory once. They stay where they are.
#pragma once

#include <boost/unordered/unordered_flat_set.hpp>
#include <memory>
#include <string_view>

#include "base/string_map.h"

namespace spillway {

struct NameHash : StringHash {
  using StringHash::operator();
  template <typename T>
  std::size_t operator()(const std::unique_ptr<T>& object) const noexcept {
    return (*this)(object->name);
  }
};

struct NameEqual {
  using is_transparent = void;
  template <typename A, typename B>
  bool operator()(const A& a, const B& b) const noexcept {
    return name_of(a) == name_of(b);
  }

 private:
  static std::string_view name_of(std::string_view name) { return name; }
  template <typename T>
  static std::string_view name_of(const std::unique_ptr<T>& object) {
    return object->name;
  }
};

// T has a `const std::string name`.
template <typename T>
class NamedSet {
 public:
  T* find(std::string_view name) const {
    const auto found = objects_.find(name);
    return found == objects_.end() ? nullptr : found->get();
  }
  // REQUIRES none of that name to be there.
  T& add(std::unique_ptr<T> object) { return **objects_.insert(std::move(object)).first; }
  void erase(const T& object) { objects_.erase(objects_.find(std::string_view(object.name))); }

  std::size_t size() const { return objects_.size(); }
  auto begin() const { return objects_.begin(); }
  auto end() const { return objects_.end(); }

 private:
  boost::unordered_flat_set<std::unique_ptr<T>, NameHash, NameEqual> objects_;
};

}  // namespace spillway
