#include "tests/fuzz/wire_seeds.hpp"

#include <cstdio>
#include <span>

#include "runtime/core/vector_arithmetic.hpp"
#include "runtime/transport/codec.hpp"
#include "tests/fuzz/packet_records.hpp"
#include "tests/runtime/transport/sample_datagrams.hpp"

namespace fulmar::fuzz {
namespace {

using namespace transport;

const Body kTensor = counting_floats(kSeedFloats);

std::uint64_t tensor_digest() {
  return core::digest({reinterpret_cast<const float*>(kTensor.bytes.data()), kSeedFloats});
}

Chunk chunk(std::size_t offset, std::size_t floats) {
  return {offset, {kTensor.owner, kTensor.bytes.subspan(offset * sizeof(float), floats * sizeof(float))}};
}

/// Letters, in order, on a channel.
Bytes on_channel(core::Channel channel, const std::vector<Letter>& letters) {
  Bytes input;
  std::uint64_t sequence = 0;
  for (const Letter& letter : letters) {
    append_record(input, encode({{}, Segment{kSampleSession, channel, {++sequence, 0, letter, {}, {}}}}));
  }
  return input;
}

Letter saying(core::SessionMessage message, std::uint64_t slice_digest = 0) {
  return {std::move(message), slice_digest};
}

/// What a node and a head say to each other in the run that roles.cpp has: everything passes the rules.
void add_exchanges(std::vector<std::pair<std::string, Bytes>>& seeds) {
  const core::Sender& who = kSampleSession;
  const core::BlockPushed half{who, 0, {2, 1}, tensor_digest(), true, 1.5, 16};
  seeds.emplace_back("pushed", on_channel(kSeedChannel, {saying(half), {chunk(0, 5)}, {chunk(5, 7)}}));
  const core::BlockPushed unit{who, 0, {3, 0}, tensor_digest(), true, 1.5, 32, 2, 1};
  seeds.emplace_back("pushed_unit", on_channel(kSeedChannel, {saying(unit), {chunk(0, 12)}}));
  seeds.emplace_back("slice",
                     on_channel(kSeedChannel, {saying(core::VersionSlice{0, 1}, tensor_digest()), {chunk(0, 12)}}));
  seeds.emplace_back("held", on_channel(kSeedChannel, {saying(core::VersionHeld{who, 0})}));
  seeds.emplace_back("works", on_channel(core::kSupervisorChannel,
                                         {saying(core::VersionSlice{0, 0}), saying(core::PlanChanged{1, 0, {{2, 0}}}),
                                          saying(core::RoundLease{0, {{0, 6}, {1, 0}}}), saying(core::Drain{})}));
  seeds.emplace_back("validates",
                     on_channel(core::kSupervisorChannel,
                                {saying(core::VersionSlice{0, 3}), saying(core::ValidationLease{3, {{2, 0}, {0, 4}}}),
                                 saying(core::ReleaseVersion{3}), saying(core::EndAt{4})}));
  seeds.emplace_back("validates_half",
                     on_channel(core::kSupervisorChannel,
                                {saying(core::VersionSlice{0, 3}), saying(core::ValidationLease{3, {{2, 0}}})}));
  seeds.emplace_back(
      "works_on_units",
      on_channel(core::kSupervisorChannel, {saying(core::UnitLease{1, 0, 0}), saying(core::VersionSlice{0, 0, 1}),
                                            saying(core::UnitLease{2, 3, 1}), saying(core::LeaseRevoked{1}),
                                            saying(core::VersionSlice{0, 1, 2}), saying(core::LeaseRevoked{3})}));
  std::vector<Letter> reports(12, saying(core::Beat{who, 0, 5}));  // until version 3 is out
  reports.push_back(saying(core::BlockValidated{who, 3, {2, 0}, {{1, 4}, {1, 4}, {1, 4}, {1, 4}}}));
  reports.push_back(saying(core::BlockValidated{who, 3, {0, 4}, {{1, 4}}}));
  reports.push_back(saying(core::LeafNotFinite{who, {3, false, 2}}));
  reports.push_back(saying(core::SlotFailed{who, 1, true, {3, false, 2}, "killed"}));
  reports.push_back(saying(core::SlotFailed{who, 1, false, {}, "killed"}));
  reports.push_back(saying(core::Leave{who}));
  reports.push_back(saying(core::Drained{who}));
  seeds.emplace_back("reports", on_channel(core::kSupervisorChannel, reports));
}

}  // namespace

std::vector<std::pair<std::string, Bytes>> wire_seeds() {
  std::vector<std::pair<std::string, Bytes>> seeds;
  for (const SampleDatagram& sample : sample_datagrams()) {
    seeds.emplace_back(sample.name, Bytes{});
    append_record(seeds.back().second, encode(sample.datagram));
  }
  add_exchanges(seeds);
  return seeds;
}

}  // namespace fulmar::fuzz
