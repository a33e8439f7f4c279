// The only door into another loop: a bounded queue of values.
#pragma once

#include <cstddef>
#include <mutex>
#include <utility>
#include <vector>

namespace spillway {

// What became of a message that was posted.
enum class Post {
  kAccepted,
  kAcceptedWake,  // the box was empty: wake its owner, once a burst
  kFull,          // nothing was taken; the caller has a policy for it
};

// Thread-safe: `post` from anywhere, `drain` from the owning loop.
template <typename Message>
class Mailbox {
 public:
  explicit Mailbox(std::size_t messages_max) : messages_max_(messages_max) {}

  [[nodiscard]] Post post(Message message) {
    const std::lock_guard lock(mutex_);
    if (pending_.size() >= messages_max_) return Post::kFull;
    const bool was_empty = pending_.empty();
    pending_.push_back(std::move(message));
    return was_empty ? Post::kAcceptedWake : Post::kAccepted;
  }

  // Takes everything. `batch` is the caller's and is recycled, so a steady flow allocates nothing.
  void drain(std::vector<Message>& batch) {
    batch.clear();
    const std::lock_guard lock(mutex_);
    std::swap(batch, pending_);
  }

 private:
  const std::size_t messages_max_;
  std::mutex mutex_;
  std::vector<Message> pending_;
};

}  // namespace spillway
