// What the HTTP side of every loop shows: health, and the Prometheus page that loop 0 writes once
// a second. Thread-safe; the one place beside the mailboxes with a lock.
#pragma once

#include <atomic>
#include <mutex>
#include <string>

namespace spillway::server {

class StatusBoard {
 public:
  void set_redis(bool there) { redis_ = there; }
  void set_draining() { draining_ = true; }
  bool redis() const { return redis_; }
  bool draining() const { return draining_; }

  void set_metrics(std::string page) {
    const std::lock_guard lock(mutex_);
    metrics_ = std::move(page);
  }
  std::string metrics() const {
    const std::lock_guard lock(mutex_);
    return metrics_;
  }

 private:
  std::atomic<bool> redis_ = false;
  std::atomic<bool> draining_ = false;
  mutable std::mutex mutex_;
  std::string metrics_;
};

}  // namespace spillway::server
