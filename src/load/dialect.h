// How viewers speak to a server that does not know the chat protocol: benchmarks compare with some.
// What is said keeps the form of a chat message, so that all that is checked stays the same.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace spillway::load {

// Shared by all viewers of a run, and so without state. Each function takes or gives whole
// WebSocket messages.
class Dialect {
 public:
  virtual ~Dialect() = default;

  // They are binary ones.
  virtual bool binary() const = 0;

  // What puts a viewer into the room; empty: it need not say anything.
  virtual std::string enter(std::string_view room) const = 0;

  // Says a chat message to the room.
  virtual std::string say(std::string_view room, std::string_view message) const = 0;

  // Something came on a connection of which `rest` was left over before, and is again. Calls
  // `heard` with each chat message in it, and returns what is to be answered, or nothing.
  virtual std::string hear(std::string& rest, std::string_view text,
                           const std::function<void(std::string_view)>& heard) const = 0;
};

}  // namespace spillway::load
