#include "runtime/transport/datagram.hpp"

#include <charconv>

namespace fulmar::transport {

namespace {

struct SizeBytes {
  std::size_t operator()(const core::BlockValidated& validated) const { return of(validated.losses); }
  std::size_t operator()(const core::PlanChanged& plan) const { return of(plan.blocks); }
  std::size_t operator()(const core::RoundLease& lease) const { return of(lease.blocks); }
  std::size_t operator()(const core::ValidationLease& lease) const { return of(lease.blocks); }
  template <class Message>
  std::size_t operator()(const Message&) const {
    return 0;
  }

  template <class Element>
  static std::size_t of(const std::vector<Element>& list) {
    return list.size() * sizeof(Element);
  }
};

}  // namespace

std::size_t size_bytes(const Letter& letter) {
  if (const auto* chunk = std::get_if<Chunk>(&letter.content)) return chunk->floats.bytes.size();
  return std::visit(SizeBytes{}, std::get<core::SessionMessage>(letter.content));
}

std::optional<RunId> parse_run_id(const std::string& text) {
  RunId run{};
  if (text.size() != 2 * run.size()) return std::nullopt;
  for (std::size_t i = 0; i < run.size(); ++i) {
    const char* begin = text.data() + 2 * i;
    const auto [end, error] = std::from_chars(begin, begin + 2, run[i], 16);
    if (error != std::errc{} || end != begin + 2) return std::nullopt;
  }
  return run;
}

}  // namespace fulmar::transport
