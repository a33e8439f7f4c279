// What the steps of a message's life cost: time, and allocations per operation.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <string_view>
#include <variant>

#include "base/check.h"
#include "base/testing/allocations.h"
#include "protocol/batch.h"
#include "protocol/client_message.h"
#include "protocol/client_writer.h"
#include "protocol/message_line.h"
#include "room/batch.h"
#include "room/deflated_run.h"
#include "room/flush_plan.h"
#include "room/ring.h"
#include "websocket/deflate.h"
#include "websocket/frame.h"
#include "websocket/message_reader.h"

namespace spillway::bench {
namespace {

using benchmark::State;
using room::WireForm;

constexpr std::string_view kText = "a line of chat, as long as such lines tend to be";  // 48 bytes
constexpr std::string_view kId = "m123456";
constexpr std::uint32_t kMask = 0x1D2C3B4A;

// Runs `operation` as often as the library wants and adds `allocs`, per operation.
template <typename Operation>
void measure(State& state, Operation operation) {
  operation();  // what is allocated once is not a cost per message
  const std::uint64_t before = testing::allocations();
  for (auto _ : state) operation();
  const auto made = static_cast<double>(testing::allocations() - before);
  state.counters["allocs"] = benchmark::Counter(made / static_cast<double>(state.iterations()));
  state.SetItemsProcessed(state.iterations());
}

std::string line() {
  std::string out;
  protocol::append_message_line(out, kId, 1'795'000'000'000, kText, R"({"name":"ada"})");
  return out;
}

room::Ring ring_of(WireForm form, int messages) {
  room::Ring ring(form);
  const std::string message = line();
  for (int i = 0; i < messages; ++i) ring.append(message);
  return ring;
}

void parse_masked_frame(State& state) {
  websocket::MessageReader reader({.message_bytes_max = 20'480});
  std::string frame;
  websocket::append_masked_frame(frame, websocket::Opcode::kText, std::string(120, 'x'), kMask);
  std::string bytes = frame;
  measure(state, [&] {
    std::copy(frame.begin(), frame.end(), bytes.begin());  // it is unmasked in place
    std::span<char> input(bytes);
    const websocket::Event event = reader.next(input, nullptr);
    CHECK(std::holds_alternative<websocket::Message>(event));
  });
}
BENCHMARK(parse_masked_frame);

void write_frame(State& state) {
  const std::string payload(120, 'x');
  std::string out;
  measure(state, [&] {
    out.clear();
    websocket::append_frame(out, websocket::Opcode::kText, payload);
    benchmark::DoNotOptimize(out.data());
  });
}
BENCHMARK(write_frame);

void parse_client_message(State& state) {
  protocol::ClientMessageParser parser(protocol::MessageLimits{});
  std::string text;
  protocol::append_chat_request(text, kText, kId, R"({"name":"ada"})");
  measure(state, [&] {
    const protocol::ClientMessage message = parser.parse(text);
    CHECK(std::holds_alternative<protocol::Chat>(message));
  });
}
BENCHMARK(parse_client_message);

void write_message_line(State& state) {
  std::string out;
  measure(state, [&] {
    out.clear();
    protocol::append_message_line(out, kId, 1'795'000'000'000, kText, R"({"name":"ada"})");
    benchmark::DoNotOptimize(out.data());
  });
}
BENCHMARK(write_message_line);

void append_to_ring(State& state, WireForm form) {
  constexpr std::uint64_t kKept = 1024;
  room::Ring ring = ring_of(form, kKept);
  const std::string message = line();
  measure(state, [&] {
    ring.append(message);
    ring.drop_before(ring.next_seq() - kKept);
  });
}
BENCHMARK_CAPTURE(append_to_ring, plain, WireForm::kPlain);
BENCHMARK_CAPTURE(append_to_ring, coalesced, WireForm::kCoalesced);

void build_flush_plan_of_100(State& state, WireForm form) {
  const room::Ring ring = ring_of(form, 100);
  room::FlushPlan plan;
  measure(state, [&] {
    plan.build(ring, form, ring.first_seq(), ring.next_seq(), {});
    CHECK(plan.messages() == 100);
  });
}
BENCHMARK_CAPTURE(build_flush_plan_of_100, plain, WireForm::kPlain);
BENCHMARK_CAPTURE(build_flush_plan_of_100, coalesced, WireForm::kCoalesced);

std::string batch_of(std::uint32_t messages) {
  std::string bytes;
  protocol::append_batch_header(bytes, {.epoch = "k3JdE9vQ2mXw7RtZ",
                                        .first_seq = 1'000'000,
                                        .count = messages,
                                        .server = "0f2a6c1e-5b7d-4e38-9a41-c3d2e1f00b5a",
                                        .number = 5000});
  const std::string message = line();
  for (std::uint32_t i = 0; i < messages; ++i) bytes.append(i > 0 ? "\n" : "").append(message);
  return bytes;
}

void parse_batch(State& state) {
  const std::string bytes = batch_of(static_cast<std::uint32_t>(state.range(0)));
  measure(state, [&] {
    const auto view = protocol::parse_batch(bytes);
    CHECK(std::holds_alternative<protocol::BatchView>(view));
  });
}
BENCHMARK(parse_batch)->Arg(1)->Arg(100);

// From the bus to the bytes that every viewer gets.
void receive_batch_of_100(State& state) {
  const std::string bytes = batch_of(100);
  room::Ring ring = ring_of(WireForm::kPlain, 1024);
  measure(state, [&] {
    const auto view = protocol::parse_batch(bytes);
    const room::BatchPtr batch = room::make_batch(std::get<protocol::BatchView>(view), {});
    protocol::for_each_line(batch->lines, [&ring](std::string_view each) { ring.append(each); });
    ring.drop_before(ring.next_seq() - 1024);
  });
}
BENCHMARK(receive_batch_of_100);

// What a flush is compressed to, once for all its viewers. Lines of the corpus, with an id and a
// name.
void deflate_flush(State& state) {
  std::ifstream corpus(SPILLWAY_CORPUS);
  room::Ring ring(WireForm::kCoalesced);
  std::uint64_t id = 0x9E3779B97F4A7C15;
  for (std::string text; ring.next_seq() <= static_cast<std::uint64_t>(state.range(0));) {
    CHECK(std::getline(corpus, text));
    id = id * 6364136223846793005U + 1442695040888963407U;
    std::string message;
    protocol::append_message_line(message, fmt::format("{:010x}", id >> 24U), 1'795'000'000'000,
                                  text, R"({"name":"ada"})");
    ring.append(message);
  }
  websocket::Deflater deflater(4, 15, false);
  room::DeflatedRun run;
  measure(state, [&] { run.build(ring, ring.first_seq(), ring.next_seq(), deflater); });
  state.counters["of"] = static_cast<double>(ring.size(ring.first_seq(), ring.next_seq())) /
                         static_cast<double>(run.bytes().size());
}
BENCHMARK(deflate_flush)->Arg(5)->Arg(25)->Arg(100);

}  // namespace
}  // namespace spillway::bench

BENCHMARK_MAIN();
