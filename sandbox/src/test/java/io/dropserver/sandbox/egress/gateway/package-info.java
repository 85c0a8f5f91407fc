@NullMarked
package io.dropserver.sandbox.egress.gateway;

import org.jspecify.annotations.NullMarked;
