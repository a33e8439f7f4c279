// What a viewer has said and has no answer to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/clock.h"

namespace spillway::load {

struct Chat {
  static constexpr std::uint8_t kNoLink = 2;

  std::uint32_t id = 0;
  std::uint32_t number = 0;  // of the run's messages in its room; 0: it never went out
  TimePoint due;
  std::uint8_t link = kNoLink;  // it went out on; kNoLink: it is to go out
};

// Owned by its viewer. Costs a pointer while there are none, and holds at most kMax.
class Chats {
 public:
  static constexpr std::size_t kMax = 64;

  std::size_t size() const { return chats_ ? chats_->size() : 0; }
  bool full() const { return size() >= kMax; }

  // REQUIRES !full().
  void add(std::uint32_t id, TimePoint due);
  // An ack or an error: either way it has met its fate.
  void answered(std::uint32_t id);
  // What went out on a connection that is lost is not known to have arrived.
  void take_back(unsigned link);
  // Whether answers are to come on that connection.
  bool owed_by(unsigned link) const;
  void clear() { chats_.reset(); }

  // Calls write(Chat&) for each that is to go out.
  template <typename Write>
  void send(Write&& write) {
    if (!chats_) return;
    for (Chat& chat : *chats_) {
      if (chat.link == Chat::kNoLink) write(chat);
    }
  }

 private:
  std::unique_ptr<std::vector<Chat>> chats_;  // null: none
};

}  // namespace spillway::load
