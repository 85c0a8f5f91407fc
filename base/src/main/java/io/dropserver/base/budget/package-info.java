/**
 * Limits for everything that a stranger, a visitor, a member or an app can consume. {@code
 * docs/reference/budgets.md} lists each resource with its limits and its test.
 */
@NullMarked
package io.dropserver.base.budget;

import org.jspecify.annotations.NullMarked;
