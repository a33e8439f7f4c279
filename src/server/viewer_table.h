// The viewers of a loop by slot. A slot is used again; its generation tells the viewers apart.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/strong_id.h"
#include "server/viewer.h"

namespace spillway::server {

// Owned by a shard. Viewers stay where they are until erased.
class ViewerTable {
 public:
  explicit ViewerTable(std::uint32_t loop) : loop_(loop) {}

  Viewer& add(net::LoopShared& shared, net::ConnectionOwner& owner, UniqueFd fd) {
    if (free_.empty()) {
      free_.push_back(static_cast<std::uint32_t>(slots_.size()));
      slots_.emplace_back();
    }
    const std::uint32_t slot = free_.back();
    free_.pop_back();
    slots_[slot].viewer = std::make_unique<Viewer>(shared, owner, std::move(fd), slot);
    slots_[slot].viewer->generation = slots_[slot].generation;
    ++size_;
    return *slots_[slot].viewer;
  }

  void erase(std::uint32_t slot) {
    slots_[slot].viewer.reset();
    ++slots_[slot].generation;
    free_.push_back(slot);
    --size_;
  }

  Viewer& at(std::uint32_t slot) { return *slots_[slot].viewer; }

  // Null: gone.
  Viewer* find(std::uint32_t slot, std::uint32_t generation) {
    if (slot >= slots_.size() || slots_[slot].generation != generation) return nullptr;
    return slots_[slot].viewer.get();
  }
  Viewer* find(const ViewerId& id) {
    return id.loop == loop_ ? find(id.slot, id.generation) : nullptr;
  }

  ViewerId id_of(const Viewer& viewer) const {
    return {loop_, viewer.connection.tag(), viewer.generation};
  }

  std::size_t size() const { return size_; }

  template <typename Fn>
  void for_each(Fn&& fn) {
    for (Slot& slot : slots_) {
      if (slot.viewer) fn(*slot.viewer);
    }
  }

 private:
  struct Slot {
    std::unique_ptr<Viewer> viewer;
    std::uint32_t generation = 0;
  };

  const std::uint32_t loop_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;
  std::size_t size_ = 0;
};

}  // namespace spillway::server
