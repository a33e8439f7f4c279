#include "balancer/rooms_reader.h"

#include <algorithm>
#include <utility>

#include "protocol/text.h"

namespace spillway::balancer {
// One reading of all rooms, while its pieces come in.
struct RoomsReader::Sums {
  std::vector<RoomReading> rooms;
  std::size_t pieces = 0;  // not answered yet
  bool whole = true;       // nothing was lost on the way
};

// One server's rooms, page by page.
struct RoomsReader::Scan {
  std::string id;
  std::string cursor = "0";
  StringMap<std::uint64_t> rooms;
};

RoomsReader::RoomsReader(redis::Client& client, const protocol::RedisNames& names, OnRooms on_rooms,
                         OnServerRooms on_server_rooms)
    : client_(client),
      names_(names),
      on_rooms_(std::move(on_rooms)),
      on_server_rooms_(std::move(on_server_rooms)) {}

RoomsReader::~RoomsReader() = default;

void RoomsReader::tick(const Fleet& fleet) {
  if (!reading_sums_) read_sums();
  if (to_scan_.empty()) {
    for (const auto& server : fleet.servers()) to_scan_.push_back(server->now.id);
  }
  const std::size_t share = fleet.servers().size() / kRotationTicks + 1;
  while (!to_scan_.empty() && scans_ < share) {
    auto next = std::make_shared<Scan>();
    next->id = std::move(to_scan_.back());
    to_scan_.pop_back();
    ++scans_;
    scan(next);
  }
}

void RoomsReader::read_sums() {
  redis::Command command("ZREVRANGE");
  command.arg(names_.rooms_clients()).arg(0).arg(Fleet::kRoomsMax - 1).arg("WITHSCORES");
  const auto sent = client_.send(command, [this](const redis::Answer& answer) {
    reading_sums_ = false;
    if (answer.fate != redis::Fate::kAnswered || !answer.reply.is_array()) return;
    auto sums = std::make_shared<Sums>();
    sums->rooms.reserve(answer.reply.size() / 2);
    for (std::size_t i = 0; i + 1 < answer.reply.size(); i += 2) {
      const std::string_view name = answer.reply[i].text();
      if (!protocol::is_chat_id(name)) continue;  // no server of ours wrote that
      sums->rooms.push_back({std::string(name), count_of(answer.reply[i + 1]), 0, 0});
    }
    if (sums->rooms.empty()) return on_rooms_({});
    read_scores(sums, names_.rooms_cumulative_messages(), &RoomReading::messages);
    read_scores(sums, names_.rooms_cumulative_socket_writes(), &RoomReading::deliveries);
    if (sums->pieces > 0) reading_sums_ = true;
  });
  reading_sums_ = sent == redis::Client::Sent::kQueued;
}

void RoomsReader::read_scores(const std::shared_ptr<Sums>& sums, const std::string& key,
                              std::uint64_t RoomReading::*field) {
  for (std::size_t from = 0; from < sums->rooms.size(); from += kPiece) {
    const std::size_t to = std::min(sums->rooms.size(), from + kPiece);
    redis::Command command("ZMSCORE");
    command.arg(key);
    for (std::size_t i = from; i < to; ++i) command.arg(sums->rooms[i].name);
    const auto on_scores = [this, sums, field, from, to](const redis::Answer& answer) {
      if (answer.fate != redis::Fate::kAnswered || !answer.reply.is_array()) sums->whole = false;
      for (std::size_t i = from; i < to; ++i) {
        sums->rooms[i].*field = count_of(answer.reply[i - from]);
      }
      if (--sums->pieces == 0) finish(sums);
    };
    if (client_.send(command, on_scores) == redis::Client::Sent::kQueued) {
      ++sums->pieces;
    } else {
      sums->whole = false;
    }
  }
}

void RoomsReader::finish(const std::shared_ptr<Sums>& sums) {
  reading_sums_ = false;
  if (sums->whole) on_rooms_(std::move(sums->rooms));
}

void RoomsReader::scan(const std::shared_ptr<Scan>& scan) {
  redis::Command command("HSCAN");
  command.arg(names_.server_hash(scan->id)).arg(scan->cursor);
  command.arg("MATCH").arg("chat:*").arg("COUNT").arg(kPiece);
  const auto sent =
      client_.send(command, [this, scan](const redis::Answer& answer) { scanned(scan, answer); });
  if (sent != redis::Client::Sent::kQueued) --scans_;
}

void RoomsReader::scanned(const std::shared_ptr<Scan>& scan, const redis::Answer& answer) {
  if (answer.fate != redis::Fate::kAnswered || answer.reply.size() != 2) {
    --scans_;
    return;
  }
  constexpr std::string_view kField = "chat:";
  const redis::ReplyView fields = answer.reply[1];
  for (std::size_t i = 0; i + 1 < fields.size(); i += 2) {
    if (scan->rooms.size() >= Fleet::kRoomsPerServerMax) break;
    const std::string_view name = fields[i].text();
    if (!name.starts_with(kField)) continue;
    const std::string_view room = name.substr(kField.size());
    if (!protocol::is_chat_id(room)) continue;
    scan->rooms.insert_or_assign(std::string(room), count_of(fields[i + 1]));
  }
  scan->cursor = answer.reply[0].text();
  if (scan->cursor != "0" && scan->rooms.size() < Fleet::kRoomsPerServerMax) {
    return this->scan(scan);
  }
  --scans_;
  on_server_rooms_(scan->id, std::move(scan->rooms));
}

}  // namespace spillway::balancer
