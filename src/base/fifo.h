// A queue in one vector with a head index: an idle one owns nothing (an idle std::deque costs 576
// bytes, and rooms and viewers are many).
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "base/check.h"

namespace spillway {

template <typename T>
class Fifo {
 public:
  bool empty() const { return head_ == items_.size(); }
  std::size_t size() const { return items_.size() - head_; }

  T& front() {
    CHECK(!empty());
    return items_[head_];
  }
  const T& front() const {
    CHECK(!empty());
    return items_[head_];
  }
  const T& back() const {
    CHECK(!empty());
    return items_.back();
  }
  const T& operator[](std::size_t index) const { return items_[head_ + index]; }
  T& operator[](std::size_t index) { return items_[head_ + index]; }

  // What it has memory for.
  std::size_t memory_items() const { return items_.capacity(); }

  void push(T item) { items_.push_back(std::move(item)); }
  T pop() {
    CHECK(!empty());
    T item = std::move(items_[head_]);
    ++head_;
    compact();
    return item;
  }
  void pop_back() {
    CHECK(!empty());
    items_.pop_back();
    compact();
  }
  void clear() {
    items_ = std::vector<T>();  // `= {}` would keep the memory
    head_ = 0;
  }

  auto begin() const { return items_.begin() + static_cast<std::ptrdiff_t>(head_); }
  auto end() const { return items_.end(); }

 private:
  void compact() {
    if (empty()) {
      clear();
    } else if (head_ >= 32 && head_ * 2 >= items_.size()) {
      items_.erase(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(head_));
      head_ = 0;
    }
  }

  std::vector<T> items_;
  std::size_t head_ = 0;
};

}  // namespace spillway
