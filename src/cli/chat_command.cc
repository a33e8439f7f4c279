#include "base/random.h"
#include "cli/chat_session.h"
#include "cli/commands.h"
#include "cli/config.h"
#include "protocol/text.h"

namespace spillway::cli {
namespace {

constexpr std::size_t kNameBytesMax = 64;

Status check_room(const std::string& room) {
  if (protocol::is_chat_id(room)) return ok();
  return Error{fmt::format("'{}' is no room; give 1 to 128 bytes without {{ and }}", room)};
}

Status check_name(const std::string& name) {
  if (name.size() <= kNameBytesMax && protocol::is_utf8(name)) return ok();
  return Error{fmt::format("'{}' is no name; give at most {} bytes of UTF-8", name, kNameBytesMax)};
}

Status check_server(const std::string& url) {
  const auto address = parse_address(url, {"ws", "wss"});
  return address ? ok() : Status(address.error());
}

Status check_balancer(const std::string& url) {
  const auto address = parse_address(url, {"http"});
  return address ? ok() : Status(address.error());
}

}  // namespace

int run_chat_command(const Arguments& arguments) {
  const CommandInfo info{"chat",
                         "  spillway chat --room lobby --name ada\n"
                         "  echo hi | spillway chat --server ws://127.0.0.1:8080"};
  ChatOptions options;
  FlagSet flags;
  flags.add(checked_flag(options.room, {"room", "The room to be in", "ROOM"}, check_room));
  flags.add(
      checked_flag(options.balancer, {"balancer", "Who knows the servers", "URL"}, check_balancer));
  flags.add(checked_flag(options.server, {"server", "This server, without a balancer", "URL"},
                         check_server));
  flags.add(
      checked_flag(options.name, {"name", "Who speaks; default: guest-XXXX", "NAME"}, check_name));
  if (const auto exit_code = configure(info, flags, arguments)) return *exit_code;
  constexpr std::size_t kGuestLength = 4;
  if (options.name.empty()) options.name = "guest-" + random_name(kGuestLength);
  return ChatSession(options).run();
}

}  // namespace spillway::cli
