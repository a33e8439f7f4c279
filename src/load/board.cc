#include "load/board.h"

#include <fmt/format.h>
#include <sys/mman.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

namespace spillway::load {
namespace {

constexpr std::size_t kAlignment = 64;

constexpr std::size_t aligned(std::size_t bytes) {
  return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

template <typename Part>
Part* take(char*& memory, std::size_t count) {
  auto* const part = reinterpret_cast<Part*>(memory);
  std::uninitialized_value_construct_n(part, count);
  memory += aligned(count * sizeof(Part));
  return part;
}

}  // namespace

void RoomProgress::reached(std::uint64_t epoch_hash, std::uint64_t seq) {
  if (epoch_hash_.load(std::memory_order_relaxed) == epoch_hash) raise(seq);
}

void RoomProgress::raise(std::uint64_t seq) {
  std::uint64_t newest = newest_.load(std::memory_order_relaxed);
  while (seq > newest && !newest_.compare_exchange_weak(newest, seq, std::memory_order_relaxed)) {
  }
}

void RoomProgress::registered(std::uint64_t epoch_hash, std::uint64_t seq) {
  if (epoch_hash_.exchange(epoch_hash, std::memory_order_relaxed) != epoch_hash) {
    newest_.store(seq, std::memory_order_relaxed);
  } else {
    raise(seq);
  }
}

Result<Board> Board::create(std::size_t engines, std::size_t rooms) {
  const std::size_t bytes = aligned(sizeof(Control)) + aligned(engines * sizeof(Tally)) +
                            aligned(rooms * sizeof(RoomProgress));
  void* const memory =
      mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    return Error{fmt::format("{} bytes of shared memory: {}", bytes, std::strerror(errno))};
  }
  return Board(memory, bytes, engines, rooms);
}

Board::Board(void* memory, std::size_t bytes, std::size_t engines, std::size_t rooms)
    : memory_(memory), bytes_(bytes), engines_(engines) {
  char* part = static_cast<char*>(memory);
  control_ = take<Control>(part, 1);
  tallies_ = take<Tally>(part, engines);
  rooms_ = take<RoomProgress>(part, rooms);
}

Board::Board(Board&& other) noexcept
    : memory_(std::exchange(other.memory_, nullptr)),
      bytes_(other.bytes_),
      engines_(other.engines_),
      control_(other.control_),
      tallies_(other.tallies_),
      rooms_(other.rooms_) {}

Board::~Board() {
  if (memory_ != nullptr) munmap(memory_, bytes_);
}

}  // namespace spillway::load
