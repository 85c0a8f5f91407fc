@NullMarked
package io.dropserver.web.frame;

import org.jspecify.annotations.NullMarked;
