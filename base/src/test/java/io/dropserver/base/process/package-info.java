@NullMarked
package io.dropserver.base.process;

import org.jspecify.annotations.NullMarked;
