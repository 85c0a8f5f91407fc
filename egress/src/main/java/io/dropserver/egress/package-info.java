/**
 * The only network access of a sandbox: the policy of which destinations an appspace may reach,
 * based on whole URLs, and the gateway that reaches them.
 */
@NullMarked
package io.dropserver.egress;

import org.jspecify.annotations.NullMarked;
