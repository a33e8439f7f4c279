// The driver of the ChatMachine: does what it says, tells it what happened.
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>
#include <string>

#include "base/address.h"
#include "cli/chat_link.h"
#include "cli/chat_machine.h"
#include "cli/line_input.h"
#include "cli/signals.h"
#include "protocol/server_message_parser.h"

namespace spillway::cli {

struct ChatOptions {
  std::string room = "lobby";
  std::string balancer = "http://127.0.0.1:3000";
  std::string server;  // empty: the balancer is asked
  std::string name;
};

// Owned by the command; one thread. Bounded by the machine's bounds.
class ChatSession {
 public:
  explicit ChatSession(const ChatOptions& options);

  // Until the machine leaves, or a signal. The exit code; what is wrong was said on stderr.
  int run();

 private:
  void feed(const ChatEvent& event);

  void perform(const FindServer&);
  void perform(const Connect& connect);
  void perform(const Disconnect&);
  void perform(const SendText& send);
  void perform(const Arm& arm);
  void perform(const Disarm& disarm);
  void perform(const ShowMessage& message);
  void perform(const ShowNote& note);
  void perform(const Say& say);
  void perform(const Leave& leave);

  void typed(const std::string& line);
  void heard(std::string_view text);
  void show(const std::string& line);
  boost::asio::steady_timer& timer(ChatTimer which);

  const ChatOptions options_;
  boost::asio::io_context io_{1};
  boost::asio::ssl::context tls_{boost::asio::ssl::context::tls_client};
  StopSignals signals_;
  std::array<boost::asio::steady_timer, kChatTimers> timers_;
  ChatMachine machine_;
  protocol::ServerMessageParser parser_;
  std::shared_ptr<ChatLink> link_;  // shared with its own pending operations
  LineInput input_;
  const bool on_terminal_;  // stdout is one: times are shown
  std::optional<int> exit_code_;
};

}  // namespace spillway::cli
