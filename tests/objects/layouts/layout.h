/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A layout stands for a kernel: from the object that the compiler makes of it only the BTF is taken. A type
 * is in there if a variable has it.
 */
#pragma once

#include "../test_helpers.h"

#define HOLD(type, name) type *hold_##name

#define HOLD_ALL                                                                                                  \
	struct hold_structures {                                                                                  \
		struct lay_bits *bits;                                                                            \
		struct lay_enum_bits *enum_bits;                                                                  \
		struct lay_bits_changed *bits_changed;                                                            \
		struct lay_sizes *sizes;                                                                          \
		struct lay_size_mixed *size_mixed;                                                                \
		struct lay_arrays *arrays;                                                                        \
		struct lay_array_of_one *array_of_one;                                                            \
		struct lay_array_of_none *array_of_none;                                                          \
		struct lay_anonymous *anonymous;                                                                  \
		struct lay_modifiers *modifiers;                                                                  \
		struct lay_struct *structure;                                                                     \
		struct lay_holds_forward *holds_forward;                                                          \
		struct lay_subset *subset;                                                                        \
		struct lay_matching_pointers *matching_pointers;                                                  \
		struct lay_function_pointers *function_pointers;                                                  \
		struct lay_anonymous_members *anonymous_members;                                                  \
		struct lay_recursive *recursive;                                                                  \
		enum lay_enum *enumeration;                                                                       \
		enum lay_negative *negative;                                                                      \
		enum lay_unsigned *unsigned_enumeration;                                                          \
		enum lay_big *big;                                                                                \
		enum lay_big_negative *big_negative;                                                              \
		enum lay_grows *grows;                                                                            \
		enum lay_shrinks *shrinks;                                                                        \
		enum lay_type_enum *type_enum;                                                                    \
		enum lay_type_enum64 *type_enum64;                                                                \
		lay_enum_typedef *enum_typedef;                                                                   \
		lay_typedef_struct *typedef_struct;                                                               \
		lay_typedef_int *typedef_int;                                                                     \
		lay_typedef_pointer *typedef_pointer;                                                             \
		lay_typedef_void_pointer *typedef_void_pointer;                                                   \
		lay_typedef_function *typedef_function;                                                           \
		lay_typedef_prototype *typedef_prototype;                                                         \
		lay_typedef_array *typedef_array;                                                                 \
		lay_typedef_enum *typedef_enum;                                                                   \
		lay_typedef_of_typedef *typedef_of_typedef;                                                       \
	} *hold_structures;                                                                                       \
	union lay_union *hold_union
