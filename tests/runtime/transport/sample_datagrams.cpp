#include "tests/runtime/transport/sample_datagrams.hpp"

#include <memory>
#include <numeric>
#include <span>
#include <utility>

namespace fulmar::transport {
namespace {

using namespace std::chrono_literals;

constexpr RunId kRun{0xde, 0xad, 0xbe, 0xef, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};

SessionKey counting_key() {
  SessionKey key;
  for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::byte>(i + 1);
  return key;
}

JoinRequest join_request() {
  JoinRequest request;
  request.join = {"gpu-07", 12, 0xfeedfacecafebeef, 41, false};
  request.credentials = {"sha256:0123456789abcdef", "x86-64-v3/f00d"};
  return request;
}

Status status() {
  Status status{"deadbeef", 1234, 5, 0.0625, 812.5, "bounded:4", 3, 2, 17.5, {}};
  status.nodes.push_back({"head", 1, "active", 2, 400.25, 0.5, 0, 0.0, 0.0});
  status.nodes.push_back({"Zürich-2", 9, "draining", 64, 412.25, 0.25, 3, 6.5, 0.125});
  return status;
}

}  // namespace

Body counting_floats(std::size_t floats) {
  const auto values = std::make_shared<std::vector<float>>(floats);
  std::iota(values->begin(), values->end(), 0.0F);
  return {values, std::as_bytes(std::span(*values))};
}

Datagram in_session(core::Frame<Letter> frame) {
  return {kRun, Segment{kSampleSession, 2, std::move(frame)}};
}

Datagram carrying(Letter letter) {
  return in_session({17, 16, std::move(letter), {}, {}});
}

std::vector<core::SessionMessage> sample_messages() {
  const core::Sender& who = kSampleSession;
  return {core::Beat{who, 900, 123.5, {61.5, 123456789}},
          core::Beat{who, {}, 0.25},
          core::Leave{who},
          core::Drained{who},
          core::SlotFailed{who, 3, true, {901, true, 77}, "out of memory: 4 GiB at ocean.cpp:12"},
          core::LeafNotFinite{who, {902, false, 5}},
          core::BlockValidated{who, 903, {2, 1}, {{0.5, 8}, {0.25, 8}, {1.5, 8}, {2.5, 4}}},
          core::BlockPushed{who, 904, {3, 2}, 0x123456789abcdef0, false, 31.25, 640, 0, 904, 0.125},
          core::BlockPushed{who, 905, {6, 0}, 0x23456789abcdef01, true, 32.25, 1280, 88, 907},
          core::VersionHeld{who, 905},
          core::PlanChanged{6, 906, {{3, 0}, {1, 4}, {0, 10}}},
          core::RoundLease{907, {{0, 5}, {4, 1}}},
          core::ValidationLease{908, {{5, 0}}},
          core::RestartSlot{11},
          core::EndAt{909},
          core::Drain{},
          core::ReleaseVersion{910},
          core::VersionSlice{1, 911},
          core::VersionSlice{1, 912, 89},
          core::UnitLease{90, 915, 913},
          core::LeaseRevoked{91}};
}

std::vector<SampleDatagram> sample_datagrams() {
  std::vector<SampleDatagram> samples;
  const auto add = [&](std::string name, decltype(Datagram::content) content) {
    samples.push_back({std::move(name), {kRun, std::move(content)}});
  };
  add("hello", Hello{});
  add("join_request", join_request());
  add("attach", Attach{kSampleSession, counting_key()});
  add("status_request", StatusRequest{});
  add("drain_request", DrainRequest{"gpu-07"});
  add("policy_request", PolicyRequest{"bounded:4"});
  add("offer", Offer{"{\n  \"run_id\": \"deadbeef\"\n}\n", 750ms});
  add("refusal", Refusal{"the data differ; fetch them again", true});
  add("greeting", Greeting{{kSampleSession, 5000, 41, 0xfeedfacecafebeef}, "tcp://*:4243", true, counting_key()});
  add("gone", Gone{kSampleSession});
  add("dismissal", Dismissal{kSampleSession, {"it was asked to leave", true}});
  add("status", status());
  add("done", Done{});

  for (const core::SessionMessage& message : sample_messages()) {
    const std::uint64_t digest = std::holds_alternative<core::VersionSlice>(message) ? 0xabcdef : 0;
    samples.push_back({"message_" + std::to_string(samples.size()), carrying({message, digest})});
  }
  samples.push_back({"chunk", carrying({Chunk{65536, counting_floats(5)}})});
  samples.push_back({"acknowledgement", in_session({0, 33, {}, {}, {}})});
  samples.push_back({"probe", in_session({0, 33, {}, core::Probe{12345ns, 40}, {}})});
  samples.push_back({"answer", in_session({0, 33, {}, {}, core::ProbeAnswer{12345ns, {34, 35, 39}}})});
  return samples;
}

}  // namespace fulmar::transport
