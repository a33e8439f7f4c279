// The last hundred values of something that is read once a second.
#pragma once

#include <array>
#include <cstddef>

namespace spillway::balancer {

// A value. Before the first push all entries are 0: padding, which is shown and never judged by
// (load.h keeps its own samples).
template <typename T>
class History {
 public:
  static constexpr std::size_t kEntries = 100;

  void push(T value) {
    entries_[oldest_] = value;
    oldest_ = (oldest_ + 1) % kEntries;
  }
  T latest() const { return entries_[(oldest_ + kEntries - 1) % kEntries]; }
  // 0: the oldest. REQUIRES index < kEntries.
  T operator[](std::size_t index) const { return entries_[(oldest_ + index) % kEntries]; }

 private:
  std::array<T, kEntries> entries_{};
  std::size_t oldest_ = 0;
};

}  // namespace spillway::balancer
