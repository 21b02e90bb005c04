/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A layout stands for a kernel: from the object that the compiler makes of it only the BTF is taken. A type
 * is in there if a variable has it or points to it; what members point to is not.
 */
#pragma once

#include "../test_helpers.h"

#define HOLD(type, name) type *hold_##name

#define HOLD_ALL                                                                                                  \
	HOLD(struct lay_bits, bits);                                                                              \
	HOLD(struct lay_enum_bits, enum_bits);                                                                    \
	HOLD(struct lay_bits_changed, bits_changed);                                                              \
	HOLD(struct lay_sizes, sizes);                                                                            \
	HOLD(struct lay_size_mixed, size_mixed);                                                                  \
	HOLD(struct lay_arrays, arrays);                                                                          \
	HOLD(struct lay_array_of_one, array_of_one);                                                              \
	HOLD(struct lay_array_of_none, array_of_none);                                                            \
	HOLD(struct lay_anonymous, anonymous);                                                                    \
	HOLD(struct lay_modifiers, modifiers);                                                                    \
	HOLD(struct lay_struct, structure);                                                                       \
	HOLD(struct lay_holds_forward, holds_forward);                                                            \
	HOLD(struct lay_subset, subset);                                                                          \
	HOLD(struct lay_matching_pointers, matching_pointers);                                                    \
	HOLD(struct lay_function_pointers, function_pointers);                                                    \
	HOLD(struct lay_anonymous_members, anonymous_members);                                                    \
	HOLD(struct lay_recursive, recursive);                                                                    \
	HOLD(enum lay_enum, enumeration);                                                                         \
	HOLD(enum lay_negative, negative);                                                                        \
	HOLD(enum lay_unsigned, unsigned_enumeration);                                                            \
	HOLD(enum lay_big, big);                                                                                  \
	HOLD(enum lay_big_negative, big_negative);                                                                \
	HOLD(enum lay_grows, grows);                                                                              \
	HOLD(enum lay_shrinks, shrinks);                                                                          \
	HOLD(enum lay_type_enum, type_enum);                                                                      \
	HOLD(enum lay_type_enum64, type_enum64);                                                                  \
	HOLD(lay_enum_typedef, enum_typedef);                                                                     \
	HOLD(lay_typedef_struct, typedef_struct);                                                                 \
	HOLD(lay_typedef_int, typedef_int);                                                                       \
	HOLD(lay_typedef_pointer, typedef_pointer);                                                               \
	HOLD(lay_typedef_void_pointer, typedef_void_pointer);                                                     \
	HOLD(lay_typedef_function, typedef_function);                                                             \
	HOLD(lay_typedef_prototype, typedef_prototype);                                                           \
	HOLD(lay_typedef_array, typedef_array);                                                                   \
	HOLD(lay_typedef_enum, typedef_enum);                                                                     \
	HOLD(lay_typedef_of_typedef, typedef_of_typedef);                                                         \
	HOLD(union lay_union, union)
