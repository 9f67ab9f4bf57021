#include "runtime/core/block.hpp"

#include <map>
#include <set>
#include <utility>
#include <vector>

#include <boost/test/unit_test.hpp>

namespace fulmar::core {
namespace {

BOOST_AUTO_TEST_SUITE(block)

// Every tree of up to 32 leaves, whole or short.
template <class Check>
void for_every_tree(Check check) {
  for (std::uint64_t leaves = 1; leaves <= 32; leaves *= 2) {
    for (std::uint64_t present = 1; present <= leaves; ++present) check(leaves, BlockTree(leaves, present));
  }
}

std::set<Block> all_blocks(std::uint64_t leaves, const BlockTree& tree) {
  std::set<Block> blocks;
  for (std::uint32_t level = 0; (leaves >> level) > 0; ++level) {
    for (std::uint64_t index = 0; index < (leaves >> level); ++index) {
      if (tree.contains({level, index})) blocks.insert({level, index});
    }
  }
  return blocks;
}

// TREE-2: same name exactly when same leaves; n leaves have n − 1 sums.
BOOST_AUTO_TEST_CASE(one_value_has_one_name) {
  for_every_tree([](std::uint64_t leaves, const BlockTree& tree) {
    std::map<std::pair<std::uint64_t, std::uint64_t>, Block> names;
    for (const Block& block : all_blocks(leaves, tree)) {
      const Block canonical = tree.canonical(block);
      const std::pair extent(tree.first_leaf(block), tree.end_leaf(block));
      BOOST_TEST(tree.first_leaf(canonical) == extent.first);
      BOOST_TEST(tree.end_leaf(canonical) == extent.second);
      BOOST_TEST((names.emplace(extent, canonical).first->second == canonical));
    }
    BOOST_TEST(names.size() == 2 * tree.present() - 1);
  });
}

// TREE-1: what is no leaf has exactly two halves, left before right.
BOOST_AUTO_TEST_CASE(two_halves_make_their_parent) {
  for_every_tree([](std::uint64_t leaves, const BlockTree& tree) {
    for (const Block& any : all_blocks(leaves, tree)) {
      const Block block = tree.canonical(any);
      if (tree.leaf_count(block) == 1) continue;
      const Block left = tree.left(block), right = tree.right(block);
      BOOST_TEST(tree.first_leaf(left) == tree.first_leaf(block));
      BOOST_TEST(tree.end_leaf(left) == tree.first_leaf(right));
      BOOST_TEST(tree.end_leaf(right) == tree.end_leaf(block));
      BOOST_TEST((tree.parent(left) == block && tree.parent(right) == block));
      BOOST_TEST((tree.sibling(left) == right && tree.sibling(right) == left));
      BOOST_TEST(tree.covers(block, left));
      BOOST_TEST(!tree.covers(left, block));
    }
  });
}

BOOST_AUTO_TEST_CASE(a_lone_last_leaf_is_the_right_half_of_the_root) {
  const BlockTree tree(8, 5);
  BOOST_TEST((tree.canonical({2, 1}) == Block{0, 4}));
  BOOST_TEST((tree.parent({0, 4}) == Block{3, 0}));
  BOOST_TEST((tree.sibling({0, 4}) == Block{2, 0}));
  BOOST_TEST((BlockTree(8, 4).root() == Block{2, 0}));
  BOOST_TEST((BlockTree(8, 1).root() == Block{0, 0}));
}

BOOST_AUTO_TEST_CASE(a_range_is_decomposed_into_the_fewest_blocks) {
  for_every_tree([](std::uint64_t, const BlockTree& tree) {
    for (std::uint64_t begin = 0; begin <= tree.present(); ++begin) {
      for (std::uint64_t end = begin; end <= tree.present(); ++end) {
        std::uint64_t next = begin;
        Block before;
        for (const Block& block : tree.decompose(begin, end)) {
          BOOST_TEST(tree.first_leaf(block) == next);
          BOOST_TEST((tree.canonical(block) == block));
          const bool joinable = next > begin && block != tree.root() && tree.sibling(block) == before;
          BOOST_TEST(!joinable, "two siblings where their parent would do");
          next = tree.end_leaf(block);
          before = block;
        }
        BOOST_TEST(next == end);
      }
    }
  });
}

BOOST_AUTO_TEST_CASE(what_lies_outside_is_not_in_the_tree) {
  const BlockTree tree(8, 5);
  BOOST_TEST(!tree.contains({0, 5}));
  BOOST_TEST(!tree.contains({1, 3}));
  BOOST_TEST(!tree.contains({4, 0}));
  BOOST_TEST(!tree.contains({0, std::uint64_t{1} << 63}));
  BOOST_TEST(tree.contains({1, 2}));
}

BOOST_AUTO_TEST_CASE(a_block_is_split_into_parts_of_bounded_size) {
  const BlockTree tree(8, 7);
  const std::vector<Block> expected{{1, 0}, {1, 1}, {1, 2}, {0, 6}};
  BOOST_TEST((tree.split(tree.root(), 1) == expected));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::core
