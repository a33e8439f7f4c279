// Every key and channel that the fleet uses in Redis, in one place.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace spillway::protocol {

// Immutable after construction, so any thread may use it. The braces around a chat id are Redis
// Cluster's hash tag: all keys of a room live in one slot, and one script may touch them.
class RedisNames {
 public:
  explicit RedisNames(std::string prefix = {}) : prefix_(std::move(prefix)) {}

  // Sorted sets; the members are server ids.
  std::string servers_clients() const { return prefix_ + "servers:clients"; }
  std::string servers_cumulative_socket_writes() const {
    return prefix_ + "servers:cumulative-socket-writes";
  }
  std::string servers_event_loop() const { return prefix_ + "servers:event-loop"; }
  std::string servers_fanout() const { return prefix_ + "servers:fanout"; }

  // Sorted sets; the members are chat ids.
  std::string rooms_clients() const { return prefix_ + "chat-rooms:clients"; }
  std::string rooms_cumulative_messages() const {
    return prefix_ + "chat-rooms:cumulative-messages";
  }
  std::string rooms_cumulative_socket_writes() const {
    return prefix_ + "chat-rooms:cumulative-socket-writes";
  }

  // Rooms without viewers, by the ms since when: who goes after a while.
  std::string rooms_idle() const { return prefix_ + "chat-rooms:idle"; }

  // Which of several balancers decides, and the ids of the servers that balancers started.
  std::string balancer_lease() const { return prefix_ + "balancer:lease"; }
  std::string balancer_servers() const { return prefix_ + "balancer:servers"; }

  // The hash a server describes itself in, and the channel where it announces its URL: keys and
  // channels are apart in Redis, so they have the same name.
  std::string server_hash(std::string_view id) const { return name("server:", id, ""); }
  std::string server_channel(std::string_view id) const { return name("server:", id, ""); }

  // The channel on which the server takes orders (control.h).
  std::string control_channel(std::string_view id) const { return name("", id, ""); }

  std::string room_channel(std::string_view chat_id) const { return name("room:{", chat_id, "}"); }
  std::string room_log(std::string_view chat_id) const { return name("room:{", chat_id, "}:log"); }
  std::string room_meta(std::string_view chat_id) const {
    return name("room:{", chat_id, "}:meta");
  }

  // The way back: the chat id, a view into `channel`, where it is a room's channel.
  std::optional<std::string_view> room_of_channel(std::string_view channel) const;

 private:
  std::string name(std::string_view before, std::string_view id, std::string_view after) const;

  std::string prefix_;
};

}  // namespace spillway::protocol
