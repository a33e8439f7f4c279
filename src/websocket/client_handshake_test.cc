#include "websocket/client_handshake.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "websocket/handshake.h"
#include "websocket/testing/pieces.h"

namespace spillway::websocket {
namespace {

using ::testing::ElementsAre;
using testing::for_each_cut;
using ::testing::HasSubstr;
using testing::Pieces;

const ClientRequest kRequest{.host = "example.com:8080",
                             .path = "/chat?x=1",
                             .key = "dGhlIHNhbXBsZSBub25jZQ==",
                             .subprotocols = {"spillway.batch.v1", "other"},
                             .offer_deflate = true,
                             .origin = "http://example.com"};

constexpr std::string_view kStatus = "HTTP/1.1 101 Switching Protocols\r\n";
constexpr std::string_view kUpgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\n";
constexpr std::string_view kAccept = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n";

std::string answer(std::string_view more) {
  return std::string(kStatus).append(kUpgrade).append(kAccept).append(more).append("\r\n");
}

ClientHandshake::Outcome parse(const std::string& text, const ClientRequest& request = kRequest) {
  ClientHandshake::Outcome last;
  for_each_cut(text + "frames", [&](const Pieces& pieces) {
    ClientHandshake handshake(request);
    std::size_t taken = 0;
    for (const std::string& piece : pieces) {
      std::size_t consumed = 0;
      last = handshake.feed(piece, consumed);
      taken += consumed;
      if (!std::holds_alternative<NeedMore>(last)) break;
    }
    EXPECT_TRUE(!std::holds_alternative<Upgraded>(last) || taken == text.size());
  });
  return last;
}

std::string error(const std::string& text, const ClientRequest& request = kRequest) {
  const auto outcome = parse(text, request);
  return std::holds_alternative<Error>(outcome) ? std::get<Error>(outcome).message : "";
}

TEST(ClientHandshake, IsUnderstoodByTheServer) {
  HandshakeParser parser;
  std::size_t consumed = 0;
  const std::string text = client_request(kRequest);
  const auto outcome = parser.feed(text, consumed);
  const auto* request = std::get_if<UpgradeRequest>(&outcome);
  ASSERT_NE(request, nullptr);
  EXPECT_EQ(consumed, text.size());
  EXPECT_EQ(request->path, "/chat");
  EXPECT_EQ(request->query, "x=1");
  EXPECT_EQ(request->host, kRequest.host);
  EXPECT_EQ(request->origin, kRequest.origin);
  EXPECT_THAT(request->subprotocols, ElementsAre("spillway.batch.v1", "other"));

  const auto answered = parse(upgrade_response(*request, "spillway.batch.v1",
                                               DeflateParams{.server_no_context_takeover = true}));
  ASSERT_TRUE(std::holds_alternative<Upgraded>(answered));
  EXPECT_EQ(std::get<Upgraded>(answered).subprotocol, "spillway.batch.v1");
  ASSERT_TRUE(std::get<Upgraded>(answered).deflate);
  EXPECT_TRUE(std::get<Upgraded>(answered).deflate->server_no_context_takeover);
}

TEST(ClientHandshake, TakesTheBarestAnswer) {
  const auto outcome = parse(answer(""));
  ASSERT_TRUE(std::holds_alternative<Upgraded>(outcome));
  EXPECT_EQ(std::get<Upgraded>(outcome).subprotocol, "");
  EXPECT_FALSE(std::get<Upgraded>(outcome).deflate);
}

TEST(ClientHandshake, SaysWhyNot) {
  EXPECT_THAT(error("HTTP/1.1 503 x\r\nContent-Length: 3\r\n\r\nabc"),
              HasSubstr("503 Service Unavailable"));
  EXPECT_THAT(error("SSH-2.0-OpenSSH\r\n\r\n"), HasSubstr("well-formed"));
  EXPECT_THAT(error("\x15\x03"), HasSubstr("does not speak HTTP"));
  EXPECT_THAT(error(std::string(kStatus).append(kAccept).append("\r\n")),
              HasSubstr("not WebSocket"));
  EXPECT_THAT(error(std::string(kStatus).append(kUpgrade).append("\r\n")), HasSubstr("belong"));
  EXPECT_THAT(error(answer(kAccept)), HasSubstr("belong"));
  EXPECT_THAT(error(answer("Sec-WebSocket-Protocol: third\r\n")), HasSubstr("subprotocol"));
  EXPECT_THAT(error(answer("Sec-WebSocket-Extensions: x\r\n")), HasSubstr("extension"));
  EXPECT_THAT(error(answer("Cookie: " + std::string(9000, 'c') + "\r\n")),
              HasSubstr("does not speak HTTP"));
}

TEST(ClientHandshake, RefusesCompressionThatWasNotOffered) {
  ClientRequest request = kRequest;
  request.offer_deflate = false;
  EXPECT_THAT(client_request(request), ::testing::Not(HasSubstr("Extensions")));
  EXPECT_NE(error(answer("Sec-WebSocket-Extensions: permessage-deflate\r\n"), request), "");
}

}  // namespace
}  // namespace spillway::websocket
