/**
 * The only way out of a sandbox: which destinations an appspace may reach, judged on whole URLs,
 * and the gateway that reaches them.
 */
@NullMarked
package io.dropserver.sandbox.egress;

import org.jspecify.annotations.NullMarked;
