#include "runtime/core/disjoint_blocks.hpp"

#include <algorithm>
#include <vector>

#include <boost/test/unit_test.hpp>

namespace fulmar::core {
namespace {

BOOST_AUTO_TEST_SUITE(disjoint_blocks)

std::vector<Block> every_block_of(const BlockTree& tree) {
  std::vector<Block> blocks;
  for (std::uint32_t level = 0; level <= 4; ++level) {
    for (std::uint64_t index = 0; index < 16; ++index) {
      const Block block{level, index};
      if (tree.contains(block) && tree.canonical(block) == block) blocks.push_back(block);
    }
  }
  return blocks;
}

// Against the tree's own word for it, leaf by leaf, in full and short rounds.
BOOST_AUTO_TEST_CASE(what_covers_a_block_and_what_lies_in_it_is_found) {
  for (const std::uint64_t present : {16U, 13U, 9U, 1U}) {
    const BlockTree tree(16, present);
    for (std::uint64_t begin = 0; begin < present; ++begin) {
      for (std::uint64_t end = begin + 1; end <= present; ++end) {
        const std::vector<Block> members = tree.decompose(begin, end);
        DisjointBlocks blocks;
        for (const Block& member : members) blocks.insert(member);
        for (const Block& block : every_block_of(tree)) {
          const auto covering = std::find_if(members.begin(), members.end(),
                                             [&](const Block& member) { return tree.covers(member, block); });
          BOOST_TEST(blocks.covering(block).has_value() == (covering != members.end()));
          if (covering != members.end()) BOOST_TEST((blocks.covering(block) == *covering));
          BOOST_TEST(blocks.any_inside(block) == std::any_of(members.begin(), members.end(), [&](const Block& member) {
                       return tree.covers(block, member);
                     }));
        }
      }
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::core
