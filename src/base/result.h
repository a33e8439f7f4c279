// Result<T>: a value, or the Error that explains why there is none.
#pragma once

#include <string>
#include <utility>
#include <variant>

#include "base/check.h"

namespace spillway {

// What went wrong, in one sentence for the person who runs the process.
struct Error {
  std::string message;
};

// Same member names as std::expected, so that the later swap is one alias.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: implicit
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  T& operator*() & {
    CHECK(has_value());
    return *std::get_if<0>(&state_);
  }
  const T& operator*() const& {
    CHECK(has_value());
    return *std::get_if<0>(&state_);
  }
  T&& operator*() && {
    CHECK(has_value());
    return std::move(*std::get_if<0>(&state_));
  }
  T* operator->() { return &**this; }
  const T* operator->() const { return &**this; }

  const Error& error() const {
    CHECK(!has_value());
    return *std::get_if<1>(&state_);
  }

 private:
  std::variant<T, Error> state_;
};

using Status = Result<std::monostate>;
inline Status ok() { return std::monostate{}; }

}  // namespace spillway
