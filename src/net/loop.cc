#include "net/loop.h"

#include <time.h>

#include <algorithm>
#include <utility>

namespace spillway::net {
namespace {

constexpr std::chrono::milliseconds kSampleEvery{100};

Duration thread_cpu_time() {
  timespec spent{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
  return std::chrono::seconds(spent.tv_sec) + std::chrono::nanoseconds(spent.tv_nsec);
}

}  // namespace

LoopMeter::LoopMeter(boost::asio::io_context& context) : timer_(context) {}

void LoopMeter::start() {
  taken_at_ = Clock::now();
  cpu_at_ = thread_cpu_time();
  sample();
}

void LoopMeter::sample() {
  due_ = Clock::now() + kSampleEvery;
  timer_.expires_at(due_);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    const double lag_ms = std::max(0.0, to_ms(Clock::now() - due_));
    lag_ms_sum_ += lag_ms;
    lag_ms_max_ = std::max(lag_ms_max_, lag_ms);
    ++samples_;
    sample();
  });
}

LoopMeter::Reading LoopMeter::take() {
  const TimePoint now = Clock::now();
  const Duration cpu = thread_cpu_time();
  Reading reading;
  if (samples_ > 0) reading.lag_ms_mean = lag_ms_sum_ / samples_;
  reading.lag_ms_max = lag_ms_max_;
  const double wall_ms = to_ms(now - taken_at_);
  if (wall_ms > 0) reading.busy = std::clamp(to_ms(cpu - cpu_at_) / wall_ms, 0.0, 1.0);
  lag_ms_sum_ = 0;
  lag_ms_max_ = 0;
  samples_ = 0;
  taken_at_ = now;
  cpu_at_ = cpu;
  return reading;
}

}  // namespace spillway::net
