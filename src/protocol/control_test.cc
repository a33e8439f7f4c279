#include "protocol/control.h"

#include <gtest/gtest.h>

namespace spillway::protocol {
namespace {

Redistribute order_to(std::size_t targets, const std::string& url) {
  return {kControlViewersMax, {targets, Redistribute::Target{url, kControlViewersMax}}};
}

std::string url_of(std::size_t bytes) { return "ws://" + std::string(bytes - 5, 'a'); }

TEST(Control, TakesTheLargestOrder) {
  const Redistribute order = order_to(kControlTargetsMax, url_of(kControlUrlBytesMax));
  const Result<ControlMessage> message = parse_control(encode_control(order));
  ASSERT_TRUE(message.has_value());
  EXPECT_EQ(std::get<Redistribute>(*message), order);
}

TEST(Control, IsBounded) {
  EXPECT_FALSE(parse_control(encode_control(order_to(kControlTargetsMax + 1, "ws://a"))));
  EXPECT_FALSE(parse_control(encode_control(order_to(1, url_of(kControlUrlBytesMax + 1)))));
  EXPECT_FALSE(parse_control(std::string(kControlBytesMax + 1, ' ')));
}

TEST(Control, RejectsEveryPrefix) {
  const std::string whole = encode_control(order_to(2, "ws://a"));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(parse_control(whole.substr(0, size))) << size;
  }
}

TEST(Control, SaysWhatIsWrong) {
  EXPECT_EQ(parse_control(R"({"type":"dance"})").error().message,
            "a control message's type is unknown");
}

}  // namespace
}  // namespace spillway::protocol
