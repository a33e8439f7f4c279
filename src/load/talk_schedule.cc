#include "load/talk_schedule.h"

namespace spillway::load {
namespace {

// SplitMix64's finaliser: every bit of the input changes half of the output.
std::uint64_t mixed(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111eb;
  return x ^ (x >> 31U);
}

}  // namespace

void TalkSchedule::add(std::uint32_t viewer, Duration now) {
  constexpr std::uint64_t kPhase = ~std::uint64_t{0};  // no message has that number
  const Duration first = scaled(interval(viewer, 0), random(viewer, kPhase));
  queue_.push({now + first, viewer, 1});
}

std::uint32_t TalkSchedule::take() {
  const Turn turn = queue_.top();
  queue_.pop();
  queue_.push({turn.due + interval(turn.viewer, turn.number), turn.viewer, turn.number + 1});
  return turn.viewer;
}

double TalkSchedule::random(std::uint32_t viewer, std::uint64_t number) const {
  constexpr double kUnit = 0x1p-53;
  return static_cast<double>(mixed(mixed(seed_ ^ viewer) ^ number) >> 11U) * kUnit;
}

Duration TalkSchedule::interval(std::uint32_t viewer, std::uint32_t number) const {
  return interval_.min + scaled(interval_.max - interval_.min, random(viewer, number));
}

}  // namespace spillway::load
