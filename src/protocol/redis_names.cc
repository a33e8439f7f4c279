#include "protocol/redis_names.h"

#include "protocol/text.h"

namespace spillway::protocol {
namespace {

constexpr std::string_view kRoomBegin = "room:{";
constexpr std::string_view kRoomEnd = "}";

}  // namespace

std::string RedisNames::name(std::string_view before, std::string_view id,
                             std::string_view after) const {
  std::string full;
  full.reserve(prefix_.size() + before.size() + id.size() + after.size());
  full.append(prefix_).append(before).append(id).append(after);
  return full;
}

std::optional<std::string_view> RedisNames::room_of_channel(std::string_view channel) const {
  const std::size_t begin = prefix_.size() + kRoomBegin.size();
  if (channel.size() <= begin + kRoomEnd.size()) return std::nullopt;
  if (channel.substr(0, prefix_.size()) != prefix_) return std::nullopt;
  if (channel.substr(prefix_.size(), kRoomBegin.size()) != kRoomBegin) return std::nullopt;
  if (channel.substr(channel.size() - kRoomEnd.size()) != kRoomEnd) return std::nullopt;
  const std::string_view id = channel.substr(begin, channel.size() - begin - kRoomEnd.size());
  if (!is_chat_id(id)) return std::nullopt;
  return id;
}

}  // namespace spillway::protocol
