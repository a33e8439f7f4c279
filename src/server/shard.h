// One loop's half of a chat server: its listener, its viewers and its rooms.
//
// Constructed and used on its own loop. Everything it knows of the others comes as ToLoop values.
#pragma once

#include <memory>
#include <string>

#include "base/loop_affinity.h"
#include "net/listener.h"
#include "net/loop.h"
#include "protocol/client_message.h"
#include "server/flusher.h"
#include "server/handoff.h"
#include "server/loop_rooms.h"
#include "server/loop_state.h"
#include "server/status_board.h"
#include "server/viewer_keeper.h"

namespace spillway::server {

class Shard : public net::ConnectionOwner {
 public:
  struct Start {
    std::uint32_t index = 0;
    UniqueFd listening;
    PostToHub to_hub;
  };

  Shard(boost::asio::io_context& context, Start start, const ServerOptions& options,
        net::ConnectionBudget& budget, const StatusBoard& status, Log& log);

  void handle(ToLoop&& message);

 private:
  bool admit(net::Connection& connection, std::size_t bytes, std::uint32_t frames) override;
  net::UpgradeAnswer on_upgrade(net::Connection& connection,
                                const websocket::UpgradeRequest& request) override;
  std::string on_http(const websocket::HttpRequest& request) override;
  void on_open(net::Connection& connection) override;
  void on_message(net::Connection& connection, websocket::Opcode opcode,
                  std::span<char> payload) override;
  void on_pong(net::Connection& connection) override;
  void on_writable(net::Connection& connection) override;
  void on_closed(net::Connection& connection, std::uint16_t code) override;
  void on_released(net::Connection& connection) override;

  Viewer& viewer_of(const net::Connection& connection) {
    return loop_.viewers.at(connection.tag());
  }
  void accept(UniqueFd fd);
  void take(Viewer& viewer, const protocol::Chat& chat);
  void take(Viewer& viewer, const protocol::Rejection& rejection);
  void answer(const Published& published);
  void answer(const Unavailable& unavailable);
  void answer(const FateUnknown& unknown);
  Viewer* answered(const ViewerId& id);
  void stop_now();
  void tally_if_last();
  void tick();
  void tally();

  LoopAffinity affinity_;
  LoopState loop_;
  net::ConnectionBudget& budget_;
  const StatusBoard& status_;
  Flusher flusher_;
  LoopRooms rooms_;
  ViewerKeeper keeper_;
  Handoff handoff_;
  protocol::ClientMessageParser parser_;
  websocket::Inflater inflater_;  // no message leaves anything behind: one serves all viewers
  net::Listener listener_;
  net::LoopMeter meter_;
  boost::asio::steady_timer timer_;
  TimePoint next_tick_{};
  bool stopping_ = false;
  const Gcra::Limit chat_limit_;
  const Gcra::Limit frame_limit_;
  const Gcra::Limit byte_limit_;
};

}  // namespace spillway::server
