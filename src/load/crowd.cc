#include "load/crowd.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <charconv>

namespace spillway::load {

Crowd::Crowd(const Board& board, std::size_t engine, std::size_t room_count, Author author_of_texts,
             const Manners& all_manners, std::uint64_t seed)
    : manners(all_manners),
      author(author_of_texts),
      id_prefix(fmt::format("{:04x}{:02x}", author_of_texts.run, engine)),
      numbered(!all_manners.resume),
      tally(&board.tally(engine)),
      random(seed) {
  const std::size_t messages =
      std::bit_floor(std::max(kTranscriptMessages / room_count, kRoomMessagesMin));
  rooms.reserve(room_count);
  for (std::size_t i = 0; i < room_count; ++i) {
    rooms.push_back(
        {fmt::format("chat-room-{}", i + 1), Transcript(messages), &board.room(i), nullptr});
  }
}

std::string Crowd::id_text(std::uint32_t id) const { return fmt::format("{}{:x}", id_prefix, id); }

std::optional<std::uint32_t> Crowd::id_number(std::string_view text) const {
  if (!text.starts_with(id_prefix)) return std::nullopt;
  text.remove_prefix(id_prefix.size());
  std::uint32_t id = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), id, 16);
  if (problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return id;
}

}  // namespace spillway::load
